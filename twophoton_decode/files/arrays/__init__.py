"""Arrays of numbers in the files that people keep them in."""

"""Many sessions at once: what is to be done, where, and what became of each."""

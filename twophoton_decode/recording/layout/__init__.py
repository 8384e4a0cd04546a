"""What a header announces, held against the images that are there."""

"""How many cells carry the picture, and how many strongly responding ones are enough."""

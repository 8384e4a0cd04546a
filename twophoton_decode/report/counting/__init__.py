"""Inventions in restored frames counted by people who do not see which frame is which."""

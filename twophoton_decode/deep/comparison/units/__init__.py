"""Units of a network that are decoded alike in different animals."""

"""What networks and populations of cells have in common."""

"""Clips in which pictures move, and cells that see them through a calcium indicator."""

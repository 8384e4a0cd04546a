"""Levels of pictures and responses: their size and how they were stored."""

"""Dim cells, judged by what the clear cells of the same field look like."""

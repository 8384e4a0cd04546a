"""Figures of the cell-count analysis."""

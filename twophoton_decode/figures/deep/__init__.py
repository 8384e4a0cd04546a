"""Figures of the deep stages."""

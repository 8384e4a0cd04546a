"""Figures of stability."""

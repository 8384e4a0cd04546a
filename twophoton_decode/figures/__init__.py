"""Figures: records in, drawings out."""

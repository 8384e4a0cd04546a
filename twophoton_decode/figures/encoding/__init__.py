"""Figures of encoding models."""

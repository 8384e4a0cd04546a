"""Figures of reconstructions and their scores."""

"""Attention and single cells, drawn."""

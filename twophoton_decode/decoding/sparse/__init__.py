"""Sparse decoders: paths and their strength."""

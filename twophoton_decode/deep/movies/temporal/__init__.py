"""Decoding over time: filters, a network on top, and whether either is used."""

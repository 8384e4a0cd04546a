"""Reconstructed pictures judged by what networks make of them."""

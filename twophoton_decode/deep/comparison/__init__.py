"""Decoded features, identification and what they are compared with."""

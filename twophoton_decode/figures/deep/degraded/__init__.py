"""Degraded pictures, and what was seen of their originals."""

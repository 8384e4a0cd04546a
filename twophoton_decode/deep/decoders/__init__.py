"""Decoders that are networks, one file each; `registry.DECODERS` knows them by name."""

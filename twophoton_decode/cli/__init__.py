"""The command line; no science."""

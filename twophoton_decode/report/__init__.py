"""Figures and the one-file report: records in, bytes out."""

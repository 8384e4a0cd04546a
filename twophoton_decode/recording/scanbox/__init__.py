"""Scanbox's .sbx files with their .mat headers."""

"""Figures of the recording's quality."""

"""Stages of what is made or scored as pictures, one a file."""

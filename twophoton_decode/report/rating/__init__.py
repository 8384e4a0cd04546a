"""Reconstructions judged by people: a page that is blind, and what its answers show."""

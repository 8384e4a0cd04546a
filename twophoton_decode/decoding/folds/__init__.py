"""Folds over images: what is left out together, and one fold's fit."""

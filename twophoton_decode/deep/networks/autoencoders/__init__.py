"""Autoencoders of pictures: an encoder to a small code, and a decoder back from it."""

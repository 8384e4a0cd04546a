"""Kernels of sparse paths."""

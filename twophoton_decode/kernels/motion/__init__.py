"""Kernels of motion correction."""

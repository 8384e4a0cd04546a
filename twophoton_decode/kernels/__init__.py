"""The hot loops, compiled by numba; the only place that imports it."""

"""Natural images as a Gaussian with a 1/f spectrum: its leading components."""

from __future__ import annotations

import functools

import numpy as np
from scipy import fft
from scipy.sparse.linalg import LinearOperator, eigsh

EXPONENT = 2.0
"""Power of natural images falls as 1/f^α with the spatial frequency f; α ≈ 2 [field]."""


@functools.lru_cache(maxsize=8)
def leading_components(shape: tuple[int, int], count: int = 3) -> np.ndarray:
    """Orthonormal pictures along which natural images vary most, shape (count, pixels).

    Leading eigenvectors of the covariance whose power spectrum is 1/f² [ours], taken on a
    plane twice as large in each direction, so that opposite borders are not neighbours.
    """
    height, width = shape
    fy, fx = np.fft.fftfreq(2 * height)[:, None], np.fft.fftfreq(2 * width)
    radius = np.hypot(fy, fx)
    radius[0, 0] = radius[radius > 0].min()
    spectrum = radius**-EXPONENT
    spectrum /= spectrum.sum()

    def covariance_times(pixels: np.ndarray) -> np.ndarray:
        padded = np.zeros((2 * height, 2 * width))
        padded[:height, :width] = pixels.reshape(shape)
        return fft.ifft2(spectrum * fft.fft2(padded)).real[:height, :width].ravel()

    size = height * width
    operator = LinearOperator((size, size), matvec=covariance_times, dtype=float)
    start = np.random.default_rng(0).standard_normal(size)
    components = eigsh(operator, k=min(count, size - 1), v0=start)[1].T[::-1].copy()
    components.flags.writeable = False
    return components

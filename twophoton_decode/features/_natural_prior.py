"""Natural images as a Gaussian with a 1/f spectrum: its leading components.

The underscore keeps this file out of the registry: it is what feature spaces, decoders and
scores know about natural images, not a feature space.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
from scipy import fft
from scipy.sparse.linalg import LinearOperator, eigsh

EXPONENT = 2.0
"""Power of natural images falls as 1/f^α with the spatial frequency f; α ≈ 2 [field]."""


@functools.lru_cache(maxsize=8)
def natural_components(shape: tuple[int, int], count: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Directions along which natural images vary most, and how much they vary there.

    Leading eigenvectors and eigenvalues of the covariance whose power spectrum is 1/f²
    [ours], taken on a plane twice as large in each direction, so that opposite borders
    are not neighbours. The variance of a pixel is 1.

    Returns
    -------
    components : ndarray, shape (count, pixels)
        Orthonormal pictures; at most one fewer than there are pixels.
    variance : ndarray, shape (count,)
        Of a natural image along each, largest first.
    """
    size = shape[0] * shape[1]
    operator = LinearOperator((size, size), matvec=_covariance_times(shape), dtype=float)
    start = np.random.default_rng(0).standard_normal(size)
    variance, vectors = eigsh(operator, k=min(count, size - 1), v0=start)
    components, variance = vectors.T[::-1].copy(), variance[::-1].copy()
    components.flags.writeable = variance.flags.writeable = False
    return components, variance


def _covariance_times(shape: tuple[int, int]) -> Callable[[np.ndarray], np.ndarray]:
    """Multiplication of a flattened picture with the covariance, by Fourier transform."""
    height, width = shape
    fy, fx = np.fft.fftfreq(2 * height)[:, None], np.fft.fftfreq(2 * width)
    radius = np.hypot(fy, fx)
    radius[0, 0] = radius[radius > 0].min()
    spectrum = radius**-EXPONENT
    spectrum /= spectrum.mean()

    def multiply(pixels: np.ndarray) -> np.ndarray:
        padded = np.zeros((2 * height, 2 * width))
        padded[:height, :width] = pixels.reshape(shape)
        return fft.ifft2(spectrum * fft.fft2(padded)).real[:height, :width].ravel()

    return multiply

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
from scipy.special import gammaln

EXPONENT = 2.0
"""Power of natural images falls as 1/f^α with the spatial frequency f; α ≈ 2 [field]."""
POWERS = np.array([0.5, 0.75, 1.0, 1.25, 1.5])
"""What the prior variances may be raised to: spectra from 1/f to 1/f³."""
CERTAINTIES = 2.0 ** np.arange(9)
"""How many images the prior variances may count for."""
SCALES = 2.0 ** (np.arange(-8, 9) / 2)
"""Factors on the scale at which the prior fits the images on average."""


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


def learned_variance(images: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Variance of images along each direction: what is expected, corrected by what is seen.

    The variance along direction j has an inverse-gamma prior around s·v_j^q that counts for
    ν images; returned is (ν s v_j^q + Σ_i x_ij²) / (ν + I - 1), with the q, ν and s that
    have the highest evidence for the images [ours]. No responses are needed for it.

    Parameters
    ----------
    images : ndarray, shape (images, directions)
        Minus their mean.
    variance : ndarray, shape (directions,)
        Of natural images, up to a factor.

    Returns
    -------
    ndarray, shape (directions,)
        Images that do not vary at all leave `variance` as it is.
    """
    count, squares = max(len(images) - 1, 1), (images**2).sum(axis=0)
    if not squares.any():
        return variance
    expected = variance ** POWERS[:, None]
    expected = expected * (squares / expected).mean(axis=1, keepdims=True) / count
    nu = CERTAINTIES[:, None, None]
    weight = 0.5 * nu * SCALES[:, None] * expected[:, None, None]
    log_evidence = (
        len(variance) * (gammaln((nu + count) / 2) - gammaln(nu / 2))[..., 0]
        + 0.5 * nu[..., 0] * np.log(weight).sum(axis=-1)
        - 0.5 * (nu[..., 0] + count) * np.log(weight + squares / 2).sum(axis=-1)
    )
    power, certainty, scale = np.unravel_index(log_evidence.argmax(), log_evidence.shape)
    told = 2.0 * weight[power, certainty, scale]
    learned: np.ndarray = (told + squares) / (CERTAINTIES[certainty] + count)
    return learned


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

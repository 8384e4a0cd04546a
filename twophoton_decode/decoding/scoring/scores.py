"""How well does a reconstruction show what was seen?

Pictures are compared as rows of pixels. In R and CD the mean training image m is
subtracted first, since any decoder that keeps it looks good.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from skimage.metrics import structural_similarity


def correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson correlation of matching rows, shape (n,); 0 where a row is constant.

    Parameters
    ----------
    a, b : ndarray, shape (n, pixels)
    """
    return (unit_rows(a) * unit_rows(b)).sum(axis=1)


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows minus their mean, at unit norm; zero where a row is constant."""
    rows = np.asarray(rows, dtype=float)
    centred = rows - rows.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    # Subtracting the mean of a constant row leaves rounding, not variation.
    varies = norm > 1e-12 * np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(centred, norm, out=np.zeros_like(centred), where=varies)


def is_constant(rows: np.ndarray) -> np.ndarray:
    """Rows that have no correlation with anything, shape (n,), bool."""
    return np.logical_not(unit_rows(rows).any(axis=1))


def determination(shown: np.ndarray, reconstructed: np.ndarray, about: np.ndarray) -> np.ndarray:
    """CD = 1 − Σ(s − ŝ)² / Σ(s − about)², shape (n,); NaN where s equals `about`.

    About the mean training image, a decoder that predicts that image scores 0. About the
    image's own pixel mean it is the paper's variant [paper].
    """
    error = ((shown - reconstructed) ** 2).sum(axis=1)
    total = ((shown - about) ** 2).sum(axis=1)
    return 1.0 - np.divide(error, total, out=np.full(len(error), np.nan), where=total > 0)


def two_way_identification(
    reconstructed: np.ndarray, candidates: np.ndarray, own: np.ndarray, content: np.ndarray
) -> np.ndarray:
    """Share of other images that fit worse than the true one, shape (n,); ties count half.

    Parameters
    ----------
    reconstructed : ndarray, shape (n, pixels)
        Minus the mean training image.
    candidates : ndarray, shape (images, pixels)
        All images minus the same mean.
    own : ndarray of int, shape (n,)
        The true image of each reconstruction.
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same, or nearly so, and are not compared.
    """
    fit = unit_rows(reconstructed) @ unit_rows(candidates).T
    true = fit[np.arange(len(own)), own][:, None]
    worse = (fit < true) + 0.5 * (fit == true)
    other = content[own][:, None] != content
    return (worse * other).sum(axis=1) / other.sum(axis=1)


def similarity(shown: np.ndarray, reconstructed: np.ndarray, data_range: float) -> np.ndarray:
    """SSIM of pictures (n, y, x), by scikit-image, shape (n,).

    The window is 7 px, or the largest odd number that fits the picture; NaN below 3 px.
    """
    side = min(shown.shape[1:])
    window = min(7, side - 1 + side % 2)
    if window < 3 or data_range <= 0:
        return np.full(len(shown), np.nan)
    compare = partial(structural_similarity, data_range=data_range, win_size=window)
    return np.array([compare(s, r) for s, r in zip(shown, reconstructed, strict=True)], dtype=float)


def octave_edges(shape: tuple[int, int]) -> np.ndarray:
    """Lower edges of the spatial-frequency octaves, cycles/image: 1, 2, 4 … below Nyquist."""
    nyquist = min(shape) / 2
    return 2.0 ** np.arange(max(1, int(np.ceil(np.log2(nyquist)))))


def octave_correlation(
    shown: np.ndarray, reconstructed: np.ndarray, edges: np.ndarray
) -> np.ndarray:
    """R within each octave, shape (n, octaves); 0 where a band is empty.

    Bands are cut in the Fourier plane of the picture as it is (no window), frequencies in
    cycles per shorter side; the last octave takes in everything above it.

    Parameters
    ----------
    shown, reconstructed : ndarray, shape (n, y, x)
        Both minus the mean training image.
    """
    height, width = shown.shape[1:]
    side = min(height, width)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)) * side
    # Rounding keeps 1 cycle/image in the octave that begins at 1.
    band = np.searchsorted(edges, np.round(frequency, 9), side="right").ravel() - 1
    a, b = (_unit_spectra(pictures) for pictures in (shown, reconstructed))
    octaves = [_unit_products(a[:, band == n], b[:, band == n]) for n in range(len(edges))]
    return np.stack(octaves, axis=1)


def _unit_spectra(pictures: np.ndarray) -> np.ndarray:
    """Fourier coefficients of each picture as a row, at unit norm."""
    rows = np.fft.fft2(pictures).reshape(len(pictures), -1)
    norm = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norm, out=np.zeros_like(rows), where=norm > 0)


def _unit_products(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Inner products of matching rows over their norms; 0 where one is only rounding."""
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    product = (a * b.conj()).real.sum(axis=1)
    return np.divide(product, norms, out=np.zeros(len(a)), where=norms > 1e-12)


def infinite_trials_r(
    r_average: np.ndarray, single: np.ndarray, average: np.ndarray, image: np.ndarray
) -> float:
    """R_∞ = mean R_avg / √ρ: this decoder's score if an image were shown infinitely often.

    Other decoders can pass it: it is no ceiling of the responses.

    ρ = 1 − (Var_trial(ŝ)/T) / Var(ŝ_avg), both variances summed over pixels (about their
    pixel mean, as R sees them) and pooled over the images with at least two repeats. NaN
    where no image was repeated or the noise leaves nothing (ρ ≤ 0).

    Parameters
    ----------
    r_average : ndarray, shape (images,)
    single, average : ndarray, shapes (presentations, pixels) and (images, pixels)
        Reconstructions minus the mean training image.
    image : ndarray of int, shape (presentations,)
    """
    repeats = np.bincount(image, minlength=len(average))
    repeated = repeats > 1
    deviation = single - average[image]
    deviation = deviation - deviation.mean(axis=1, keepdims=True)
    squares = np.bincount(image, (deviation**2).sum(axis=1), minlength=len(average))
    signal = ((average - average.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    total = signal[repeated].sum()
    if total <= 0:
        return float("nan")
    noise = squares[repeated] / (repeats[repeated] - 1) / repeats[repeated]
    reliability = 1.0 - noise.sum() / total
    return float(r_average.mean() / np.sqrt(reliability)) if reliability > 0 else float("nan")

"""What phase correlation compares images with: border, filling and whitened reference."""

from __future__ import annotations

import numpy as np

from twophoton_decode.kernels.motion.fourier import transform_of
from twophoton_decode.kernels.motion.lanes import LANES
from twophoton_decode.kernels.motion.phase import Template

SMOOTH_PX = 1.15
"""Standard deviation of the Gaussian by which the reference is smoothed."""
TAPER_PX = 3.45
"""Slope of the border of the whole frame; blocks have twice `SMOOTH_PX`."""
LARGEST_SHIFT = 0.1
"""Of the shorter side, for whole frames."""
CHUNK_PIXELS = 2**23
THREAD_FRAMES = 8
"""Frames that a thread works on at a time: even, as two share their transforms."""


def template(references: np.ndarray, weight: np.ndarray, low: int, high: int) -> Template:
    """What blocks are compared with, in the order in which the kernels read it.

    Parameters
    ----------
    references : ndarray, shape (blocks, y, x)
    weight : ndarray, shape (blocks, y, x)
        Share of the image; the rest is filled with the mean of the reference.
    low, high : int
        Images are clipped to these levels.
    """
    rows, columns = references.shape[1:]
    mean = references.astype(np.float32).mean(axis=(1, 2))
    filling = mean[:, None, None] * (1.0 - weight)
    return Template(
        transform_of(rows),
        transform_of(columns),
        np.float32(low),
        np.float32(high),
        _strips(weight),
        _strips(filling),
        np.stack([_spectrum_strips(whitened_conjugate(each), rows) for each in references]),
    )


def pieces(count: int) -> list[slice]:
    """`count` frames in pieces for threads to work on."""
    return [slice(at, at + THREAD_FRAMES) for at in range(0, count, THREAD_FRAMES)]


def at_once(shape: tuple[int, ...]) -> int:
    """How many frames of `shape` (y, x) are worked on together."""
    frames = CHUNK_PIXELS // (shape[0] * shape[1])
    return max(2, frames // THREAD_FRAMES) * THREAD_FRAMES


def largest_shift(shape: tuple[int, ...]) -> int:
    """The largest shift of whole frames that is looked for, px."""
    side = min(shape)
    return int(min(round(LARGEST_SHIFT * side), side // 2))


def border_taper(slope: float, shape: tuple[int, ...]) -> np.ndarray:
    """One inside a frame, falling to zero along its border, (y, x)."""
    rows, columns = (
        1 / (1 + np.exp((abs(np.arange(n) - (n - 1) / 2) - ((n - 1) / 2 - 2 * slope)) / slope))
        for n in shape
    )
    return rows[:, None] * columns


def whitened_conjugate(reference: np.ndarray) -> np.ndarray:
    """Conjugate spectrum of a reference (y, x), every coefficient at size one, smoothed.

    Frequencies along y up to the middle, all along x: (y // 2 + 1, x), complex.
    """
    spectrum = np.conj(np.fft.fft2(reference.astype(np.float64)))
    spectrum /= 1e-5 + abs(spectrum)
    kernels = [_gaussian(n) for n in reference.shape]
    smooth = np.fft.fft2(np.fft.ifftshift(kernels[0][:, None] * kernels[1]))
    smoothed: np.ndarray = spectrum * smooth.real
    return smoothed[: len(reference) // 2 + 1]


def _gaussian(length: int) -> np.ndarray:
    place = np.arange(length) - (length - 1) / 2
    kernel = np.exp(-(place**2) / (2 * SMOOTH_PX**2))
    return kernel / kernel.sum()


def _strips(blocks: np.ndarray) -> np.ndarray:
    """Images (blocks, y, x) as strips of sixteen columns, (blocks, strips x y x 16)."""
    count, rows, columns = blocks.shape
    padded = np.pad(blocks, ((0, 0), (0, 0), (0, -columns % LANES)))
    strips = padded.reshape(count, rows, -1, LANES).swapaxes(1, 2)
    return strips.reshape(count, -1).astype(np.float32)


def _spectrum_strips(spectrum: np.ndarray, height: int) -> np.ndarray:
    """A spectrum of images of `height` twice, in strips of 16 rows: (strips x x x 2 x 16)."""
    frequencies, columns = spectrum.shape
    twice = np.pad(np.tile(spectrum, (2, 1)), ((0, -2 * frequencies % LANES), (0, 0)))
    strips = twice.reshape(-1, LANES, columns).swapaxes(1, 2)
    # Transforms forth and back multiply by the number of pixels.
    parts = np.stack([strips.real, strips.imag], axis=2) / (height * columns)
    return parts.ravel().astype(np.float32)

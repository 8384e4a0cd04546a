"""How far frames are shifted against a reference, by phase correlation, as suite2p does it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import fft

from twophoton_decode.kernels.motion import block_shifts, taper, taper_blocks, whiten

WORKERS = 2
SMOOTH_PX = 1.15
"""Standard deviation of the Gaussian by which the reference is smoothed."""
TAPER_PX = 3.45
"""Slope of the border of the whole frame; blocks have twice `SMOOTH_PX`."""
LARGEST_SHIFT = 0.1
"""Of the shorter side, for whole frames."""
LARGEST_BLOCK_SHIFT_PX = 5
CLEAR = 1.2
"""A peak this much above the rest of its map is taken without asking the neighbours."""
PAD_PX = 3
PER_PX = 10
"""Positions that are told apart within a pixel."""
CHUNK_PIXELS = 4_000_000


@dataclass(frozen=True, eq=False)
class WholeFrames:
    """Shifts of whole frames, to the pixel.

    Parameters
    ----------
    reference : ndarray, shape (y, x)
    low, high : float
        Frames are clipped to these levels.
    """

    reference: np.ndarray
    low: float = -np.inf
    high: float = np.inf

    @cached_property
    def _prepared(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        weight = border_taper(TAPER_PX, self.reference.shape)
        filling = self.reference.astype(np.float32).mean() * (1.0 - weight)
        spectrum = whitened_conjugate(self.reference)
        return _single(weight), _single(filling), spectrum

    def shifts(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shift of each frame (n, y, x) along y and x, px, and its correlation."""
        weight, filling, reference = self._prepared
        tapered = np.empty(frames.shape, np.float32)
        taper(frames, np.float32(self.low), np.float32(self.high), weight, filling, tapered)
        spectrum = fft.rfft2(tapered, workers=WORKERS, overwrite_x=True)
        _whiten(spectrum[:, None], reference[None])
        limit = largest_shift(frames.shape[1:])
        window = _window(spectrum, frames.shape[2], limit)
        place = window.reshape(len(frames), -1).argmax(axis=1)
        y, x = np.divmod(place, 2 * limit + 1)
        return y - limit, x - limit, window[np.arange(len(frames)), y, x]


@dataclass(frozen=True, eq=False)
class FrameBlocks:
    """Shifts of overlapping blocks of frames that are aligned as a whole, below the pixel.

    Parameters
    ----------
    reference : ndarray, shape (y, x)
    size : (int, int)
        Rows and columns of a block.
    low, high : float
        Frames are clipped to these levels.
    """

    reference: np.ndarray
    size: tuple[int, int]
    low: float = -np.inf
    high: float = np.inf

    @cached_property
    def starts(self) -> tuple[np.ndarray, np.ndarray]:
        """First row of each row of blocks, first column of each column of blocks."""
        return _starts(self.reference.shape[0], self.size[0]), _starts(
            self.reference.shape[1], self.size[1]
        )

    @cached_property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of blocks."""
        return len(self.starts[0]), len(self.starts[1])

    def shifts(
        self, frames: np.ndarray, dy: np.ndarray, dx: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shifts along y and x, px, and correlations of blocks, (n, blocks) row by row.

        `dy` and `dx` are the frames' whole shifts, which are undone first.
        """
        maps = self._correlation_maps(frames, dy, dx)
        smooth = np.tensordot(self._smoothing, maps, axes=1)
        smoother = np.tensordot(self._smoothing, smooth, axes=1)
        shift = np.empty((*maps.shape[:2], 2), np.int64)
        correlation = np.empty(maps.shape[:2], np.float32)
        block_shifts(
            maps, smooth, smoother, PAD_PX, np.float32(CLEAR), upsampling(), shift, correlation
        )
        pixels = _single(shift / PER_PX)
        return pixels[..., 0].T, pixels[..., 1].T, correlation.T

    def _correlation_maps(self, frames: np.ndarray, dy: np.ndarray, dx: np.ndarray) -> np.ndarray:
        """Correlation around no shift, (blocks, n, side, side)."""
        weight, filling, reference = self._prepared
        top, left = (corner.ravel() for corner in np.meshgrid(*self.starts, indexing="ij"))
        tapered = np.empty((len(frames), *weight.shape), np.float32)
        low, high = np.float32(self.low), np.float32(self.high)
        taper_blocks(frames, dy, dx, low, high, top, left, weight, filling, tapered)
        spectrum = fft.rfft2(tapered, workers=WORKERS, overwrite_x=True)
        _whiten(spectrum, reference)
        limit = min(LARGEST_BLOCK_SHIFT_PX, min(self.size) // 2 - PAD_PX) + PAD_PX
        return _small_window(spectrum, self.size[1], limit).swapaxes(0, 1).copy()

    @cached_property
    def _prepared(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Taper, filling and reference spectrum of each block."""
        rows, columns = self.size
        whole = border_taper(TAPER_PX, self.reference.shape)
        own = border_taper(2 * SMOOTH_PX, self.size)
        cut = [np.s_[y : y + rows, x : x + columns] for y in self.starts[0] for x in self.starts[1]]
        weight = np.stack([whole[part] * own for part in cut])
        parts = np.stack([self.reference[part].astype(np.float32) for part in cut])
        filling = parts.mean(axis=(1, 2))[:, None, None] * (1.0 - weight)
        spectrum = np.stack([whitened_conjugate(part) for part in parts])
        return _single(weight), _single(filling), spectrum

    @cached_property
    def _smoothing(self) -> np.ndarray:
        """How much the map of each block takes from each other one, (blocks, blocks)."""
        rows, columns = (place.ravel() for place in np.indices(self.grid))
        near = np.exp(-((rows - rows[:, None]) ** 2 + (columns - columns[:, None]) ** 2.0))
        return _single(near / near.sum(axis=1, keepdims=True))


def at_once(shape: tuple[int, ...]) -> int:
    """How many frames of `shape` (y, x) are worked on together."""
    return max(8, CHUNK_PIXELS // (shape[0] * shape[1]))


def border_taper(slope: float, shape: tuple[int, ...]) -> np.ndarray:
    """One inside a frame, falling to zero along its border, (y, x)."""
    rows, columns = (
        1 / (1 + np.exp((abs(np.arange(n) - (n - 1) / 2) - ((n - 1) / 2 - 2 * slope)) / slope))
        for n in shape
    )
    return rows[:, None] * columns


def whitened_conjugate(reference: np.ndarray) -> np.ndarray:
    """Conjugate spectrum of a reference, every coefficient at size one, smoothed; complex64."""
    spectrum = np.conj(fft.rfft2(reference.astype(np.float64)))
    spectrum /= 1e-5 + abs(spectrum)
    kernels = [_gaussian(n) for n in reference.shape]
    smooth = fft.rfft2(fft.ifftshift(kernels[0][:, None] * kernels[1]))
    smoothed: np.ndarray = spectrum * smooth.real
    return smoothed.astype(np.complex64)


def largest_shift(shape: tuple[int, ...]) -> int:
    """The largest shift of whole frames that is looked for, px."""
    side = min(shape)
    return int(min(round(LARGEST_SHIFT * side), side // 2))


def upsampling() -> np.ndarray:
    """Weights along one axis from a peak's surroundings to ten positions per pixel, by kriging.

    The kernel is a product over both axes, so the weights are too.
    """
    coarse = np.arange(-PAD_PX, PAD_PX + 1.0)
    fine = np.linspace(-PAD_PX, PAD_PX, 2 * PAD_PX * PER_PX + 1)
    return _single(np.linalg.solve(_kriging(coarse, coarse), _kriging(coarse, fine)))


def _kriging(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.exp(-((source[:, None] - target) ** 2) / (2 * 0.85**2))


def _gaussian(length: int) -> np.ndarray:
    place = np.arange(length) - (length - 1) / 2
    kernel = np.exp(-(place**2) / (2 * SMOOTH_PX**2))
    return kernel / kernel.sum()


def _single(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float32)


def _starts(side: int, size: int) -> np.ndarray:
    """Where blocks begin that overlap by a third, evenly."""
    count = 1 if size >= side else int(np.ceil(1.5 * side / size))
    return np.linspace(0, side - size, count).astype(np.int64)


def _whiten(spectrum: np.ndarray, reference: np.ndarray) -> None:
    """`whiten` for spectra (n, blocks, y, frequencies) and (blocks, y, frequencies)."""
    n, blocks = spectrum.shape[:2]
    pairs = spectrum.view(np.float32).reshape(n, blocks, -1, 2)
    whiten(pairs, reference.view(np.float32).reshape(blocks, -1, 2))


def _window(spectrum: np.ndarray, width: int, limit: int) -> np.ndarray:
    """The inverse transform within `limit` of no shift, (n, 2 limit + 1, 2 limit + 1)."""
    along_y = fft.ifft(spectrum, axis=1, workers=WORKERS)
    near = np.concatenate([along_y[:, -limit:], along_y[:, : limit + 1]], axis=1)
    whole = fft.irfft(near, n=width, axis=2, workers=WORKERS)
    return np.concatenate([whole[:, :, -limit:], whole[:, :, : limit + 1]], axis=2)


def _small_window(spectrum: np.ndarray, width: int, limit: int) -> np.ndarray:
    """The same where the window is so small that two matrix products are faster."""
    height, frequencies = spectrum.shape[-2:]
    near = np.arange(-limit, limit + 1)
    twice = np.full(frequencies, 2.0)
    # The constant and, for even widths, the highest frequency have no mirror image.
    twice[0] = 1.0
    if width % 2 == 0:
        twice[-1] = 1.0
    x = np.exp(2j * np.pi * np.outer(np.arange(frequencies), near) / width) * twice[:, None]
    y = np.exp(2j * np.pi * np.outer(near, np.arange(height)) / height)
    along_x = spectrum.reshape(-1, frequencies) @ (x / width).astype(np.complex64)
    along_x = along_x.reshape(*spectrum.shape[:-1], len(near))
    real, imaginary = _single(y.real / height), _single(y.imag / height)
    return real @ along_x.real - imaginary @ along_x.imag

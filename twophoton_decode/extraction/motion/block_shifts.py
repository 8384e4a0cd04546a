"""How far blocks of frames are shifted against a reference, below the pixel, as in suite2p."""

from __future__ import annotations

import numpy as np

from twophoton_decode.extraction.motion.phase_correlation import (
    SMOOTH_PX,
    TAPER_PX,
    border_taper,
    template,
)
from twophoton_decode.kernels.motion.peaks import block_shifts
from twophoton_decode.kernels.motion.phase import Template, correlation_windows

LARGEST_BLOCK_SHIFT_PX = 5
CLEAR = 1.2
"""A peak this much above the rest of its map is taken without asking the neighbours."""
PAD_PX = 3
PER_PX = 10
"""Positions that are told apart within a pixel."""


class FrameBlocks:
    """Shifts of overlapping blocks of frames that are aligned as a whole, below the pixel.

    Parameters
    ----------
    reference : ndarray, shape (y, x)
    size : (int, int)
        Rows and columns of a block, at most those of the reference.
    low, high : int
        Frames are clipped to these levels.

    Attributes
    ----------
    starts : (ndarray, ndarray)
        First row of each row of blocks, first column of each column of blocks.
    grid : (int, int)
        Rows and columns of blocks.
    """

    def __init__(self, reference: np.ndarray, size: tuple[int, int], low: int, high: int):
        size = min(size[0], reference.shape[0]), min(size[1], reference.shape[1])
        self.size = size
        self._shape = reference.shape
        tops, lefts = (_starts(*each) for each in zip(reference.shape, size, strict=True))
        self.starts = tops, lefts
        self.grid = len(tops), len(lefts)
        self._corners = (tops[:, None] * reference.shape[1] + lefts).ravel()
        self._template = _template(reference, self.starts, size, low, high)
        self._smoothing = _smoothing(self.grid)
        self._finer = upsampling()

    def shifts(self, frames: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shifts along y and x, px, and correlations of blocks, (n, blocks) row by row.

        `frames` are `count` of the reference's shape, aligned as a whole, in a flat array of
        int16 with 16 items to spare.
        """
        limit = min(LARGEST_BLOCK_SHIFT_PX, min(self.size) // 2 - PAD_PX) + PAD_PX
        side = 2 * limit + 1
        maps = np.empty((self._corners.size, count, side, side), np.float32)
        correlation_windows(frames, count, self._shape, self._corners, self._template, limit, maps)
        smooth = np.tensordot(self._smoothing, maps, axes=1)
        smoother = np.tensordot(self._smoothing, smooth, axes=1)
        shift = np.empty((*maps.shape[:2], 2), np.int64)
        correlation = np.empty(maps.shape[:2], np.float32)
        threshold = np.float32(CLEAR)
        block_shifts(maps, smooth, smoother, PAD_PX, threshold, self._finer, shift, correlation)
        pixels = (shift / PER_PX).astype(np.float32)
        return pixels[..., 0].T, pixels[..., 1].T, correlation.T


def _template(
    reference: np.ndarray,
    starts: tuple[np.ndarray, np.ndarray],
    size: tuple[int, int],
    low: int,
    high: int,
) -> Template:
    cut = [np.s_[y : y + size[0], x : x + size[1]] for y in starts[0] for x in starts[1]]
    whole = border_taper(TAPER_PX, reference.shape)
    own = border_taper(2 * SMOOTH_PX, size)
    weight = np.stack([whole[part] * own for part in cut])
    return template(np.stack([reference[part] for part in cut]), weight, low, high)


def _smoothing(grid: tuple[int, int]) -> np.ndarray:
    """How much the map of each block takes from each other one, (blocks, blocks)."""
    rows, columns = (place.ravel() for place in np.indices(grid))
    near = np.exp(-((rows - rows[:, None]) ** 2 + (columns - columns[:, None]) ** 2.0))
    return (near / near.sum(axis=1, keepdims=True)).astype(np.float32)


def upsampling() -> np.ndarray:
    """Weights along one axis from a peak's surroundings to ten positions per pixel, by kriging.

    The kernel is a product over both axes, so the weights are too.
    """
    coarse = np.arange(-PAD_PX, PAD_PX + 1.0)
    fine = np.linspace(-PAD_PX, PAD_PX, 2 * PAD_PX * PER_PX + 1)
    weights = np.linalg.solve(_kriging(coarse, coarse), _kriging(coarse, fine))
    return weights.astype(np.float32)


def _kriging(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    return np.exp(-((source[:, None] - target) ** 2) / (2 * 0.85**2))


def _starts(side: int, size: int) -> np.ndarray:
    """Where blocks begin that overlap by a third, evenly."""
    count = 1 if size == side else int(np.ceil(1.5 * side / size))
    return np.linspace(0, side - size, count).astype(np.int64)

"""Frames moved back: by whole pixels around the borders, and where blocks' shifts point to."""

from __future__ import annotations

import numpy as np
from numba import njit

from twophoton_decode.kernels.motion.lanes import LANES, load, sample, store, within


@njit(cache=True, nogil=True)
def roll_frames(frames, dy, dx, rolled):  # type: ignore[no-untyped-def]
    """Frames (n, y, x) rolled back by (dy, dx) px, around the borders, into a flat array."""
    count, height, width = frames.shape
    for n in range(count):
        start = dx[n] % width
        for y in range(height):
            source = frames[n, (y + dy[n]) % height]
            at = (n * height + y) * width
            _copy(source[start:], rolled[at : at + width - start])
            _copy(source[:start], rolled[at + width - start : at + width])


@njit(cache=True)
def _copy(source, target):  # type: ignore[no-untyped-def]
    for x in range(target.size):
        target[x] = source[x]


@njit(cache=True, nogil=True)
def warp_frames(frames, block_y, block_x, along_y, along_x, warped):  # type: ignore[no-untyped-def]
    """Frames sampled where the blocks' shifts point to, into `warped` (n, y, x), int16.

    `frames` are flat, followed by a row and 16 items. Shifts of blocks (n, rows of blocks,
    columns of blocks) are interpolated linearly between the blocks around a pixel: row y lies
    `along_y[1][y]` of the way from block row `along_y[0][y]` to the next one, columns alike.
    Sampling is bilinear, the border counts on outwards, and grey levels are cut to whole
    numbers, as suite2p does. Frames are at least 16 px wide.
    """
    count, height, width = warped.shape
    places = np.arange(width).astype(np.float32)
    rows = block_y.shape[1]
    shift_y, shift_x = np.empty((2, rows, width), np.float32)
    bottom, right = np.float32(height - 1), np.float32(width - 1)
    none = np.float32(0)
    for n in range(count):
        _between_columns(block_y[n], along_x, shift_y)
        _between_columns(block_x[n], along_x, shift_x)
        for y in range(height):
            low, share = along_y[0][y], along_y[1][y]
            high = min(low + 1, rows - 1)
            for begin in range(0, width, LANES):
                x = min(begin, width - LANES)
                down = _between_rows(shift_y[low], shift_y[high], share, x) + np.float32(y)
                along = _between_rows(shift_x[low], shift_x[high], share, x) + load(places, x)
                down, along = within(down, none, bottom), within(along, none, right)
                level = sample(frames, n * height * width, width, down, along)
                store(warped[n, y], x, level)


@njit(cache=True)
def _between_columns(blocks, along_x, shifts):  # type: ignore[no-untyped-def]
    """Shifts along each row of blocks, at every column of pixels."""
    low, share = along_x
    for row in range(blocks.shape[0]):
        for x in range(low.size):
            left = blocks[row, low[x]]
            right = blocks[row, min(low[x] + 1, blocks.shape[1] - 1)]
            shifts[row, x] = left + (right - left) * share[x]


@njit(cache=True)
def _between_rows(upper, lower, share, x):  # type: ignore[no-untyped-def]
    above = load(upper, x)
    return above + (load(lower, x) - above) * share

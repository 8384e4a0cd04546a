"""Where the correlation of blocks is largest, to a fraction of a pixel."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, fastmath=True)
def block_shifts(  # type: ignore[no-untyped-def]
    maps, smooth, smoother, pad, threshold, finer, shift, correlation
):
    """Shift of each block below the pixel, with the neighbours' help where it is unclear.

    A map whose peak does not stand out of the rest by `threshold` is replaced by `smooth`,
    and then by `smoother`; all are (blocks, n, side, side) around no shift. The
    surroundings of the peak, `pad` px to each side, are interpolated by `finer`
    (2 pad + 1, positions) along both axes. `shift` (blocks, n, 2) is in positions.
    """
    blocks, count, side, _ = maps.shape
    limit = (side - 1) // 2 - pad
    positions = finer.shape[1]
    per_px = (positions - 1) // (2 * pad)
    lines = np.empty((finer.shape[0] + 1, positions), np.float32)
    for block in range(blocks):
        for n in range(count):
            chosen = maps[block, n]
            y, x, clear = _peak(chosen, pad, threshold)
            if not clear:
                chosen = smooth[block, n]
                y, x, clear = _peak(chosen, pad, threshold)
            if not clear:
                chosen = smoother[block, n]
                y, x, clear = _peak(chosen, pad, threshold)
            best, row, column = _finer_peak(chosen, y, x, finer, lines)
            correlation[block, n] = best
            shift[block, n, 0] = (y - limit) * per_px + row - positions // 2
            shift[block, n, 1] = (x - limit) * per_px + column - positions // 2


@njit(cache=True, fastmath=True)
def _finer_peak(values, top, left, finer, lines):  # type: ignore[no-untyped-def]
    """The largest interpolated value around a peak, and its row and column there."""
    around, positions = finer.shape
    lines[:around] = 0
    for y in range(around):
        for x in range(around):
            _add(lines[y], values[top + y, left + x], finer[x])
    line = lines[around]
    best, row = np.float32(-np.inf), 0
    for i in range(positions):
        _between_lines(lines, finer, i)
        largest = line[0]
        for position in range(positions):
            largest = max(largest, line[position])
        if largest > best:
            best, row = largest, i
    _between_lines(lines, finer, row)
    return best, row, int(line.argmax())


@njit(cache=True, fastmath=True)
def _between_lines(lines, finer, i):  # type: ignore[no-untyped-def]
    """Interpolate all lines but the last at position `i`, into the last."""
    around = finer.shape[0]
    lines[around] = 0
    for y in range(around):
        _add(lines[around], finer[y, i], lines[y])


@njit(cache=True, fastmath=True)
def _add(total, share, values):  # type: ignore[no-untyped-def]
    for i in range(total.size):
        total[i] += share * values[i]


@njit(cache=True)
def _peak(values, pad, threshold):  # type: ignore[no-untyped-def]
    """Row and column of the largest value inside the padding, and whether it stands out."""
    side = values.shape[0]
    searched = side - 2 * pad
    best, row, column = values[pad, pad], 0, 0
    for y in range(searched):
        for x in range(searched):
            if values[y + pad, x + pad] > best:
                best, row, column = values[y + pad, x + pad], y, x
    rest = np.float32(0)
    for y in range(side):
        for x in range(side):
            outside = y < row or y >= row + 2 * pad or x < column or x >= column + 2 * pad
            if outside and values[y, x] > rest:
                rest = values[y, x]
    return row, column, best >= threshold * max(rest, np.float32(1e-10))

"""The passes over pixels of motion correction: taper, whiten, gather blocks, warp."""

from __future__ import annotations

import numpy as np
from numba import njit, prange

TINY = np.float32(1e-5)


@njit(cache=True, parallel=True, fastmath=True)
def taper(frames, low, high, weight, filling, tapered):  # type: ignore[no-untyped-def]
    """Clip frames (n, y, x) to [low, high] and let their borders run into `filling`."""
    for n in prange(frames.shape[0]):
        for y in range(frames.shape[1]):
            for x in range(frames.shape[2]):
                level = min(max(np.float32(frames[n, y, x]), low), high)
                tapered[n, y, x] = level * weight[y, x] + filling[y, x]


@njit(cache=True, parallel=True, fastmath=True)
def taper_blocks(  # type: ignore[no-untyped-def]
    frames, dy, dx, low, high, top, left, weight, filling, tapered
):
    """The same for every block of frames that are rolled back by (dy, dx) first.

    `weight` and `filling` are (blocks, y, x), `tapered` (n, blocks, y, x).
    """
    frame_count, height, width = frames.shape
    blocks, rows, columns = weight.shape
    for each in prange(frame_count * blocks):
        n, block = each // blocks, each % blocks
        for y in range(rows):
            source = (top[block] + y + dy[n]) % height
            start = (left[block] + dx[n]) % width
            straight = min(columns, width - start)
            for x in range(straight):
                level = min(max(np.float32(frames[n, source, start + x]), low), high)
                tapered[n, block, y, x] = level * weight[block, y, x] + filling[block, y, x]
            for x in range(straight, columns):
                level = min(max(np.float32(frames[n, source, start + x - width]), low), high)
                tapered[n, block, y, x] = level * weight[block, y, x] + filling[block, y, x]


@njit(cache=True, parallel=True, fastmath=True)
def whiten(real_and_imaginary, reference):  # type: ignore[no-untyped-def]
    """Scale each coefficient to size one and multiply it by the reference's, in place.

    Spectra are seen as pairs of real numbers: (n, blocks, coefficients, 2) and
    (blocks, coefficients, 2).
    """
    count, blocks, coefficients, _ = real_and_imaginary.shape
    for each in prange(count * blocks):
        n, block = each // blocks, each % blocks
        for k in range(coefficients):
            a, b = real_and_imaginary[n, block, k, 0], real_and_imaginary[n, block, k, 1]
            c, d = reference[block, k, 0], reference[block, k, 1]
            scale = np.float32(1.0) / (TINY + np.sqrt(a * a + b * b))
            real_and_imaginary[n, block, k, 0] = (a * c - b * d) * scale
            real_and_imaginary[n, block, k, 1] = (a * d + b * c) * scale


@njit(cache=True, parallel=True)
def roll_frames(frames, dy, dx, rolled):  # type: ignore[no-untyped-def]
    """Frames rolled back by (dy, dx) pixels, around the borders."""
    count, height, width = frames.shape
    for n in prange(count):
        for y in range(height):
            source = (y + dy[n]) % height
            start = dx[n] % width
            rolled[n, y, : width - start] = frames[n, source, start:]
            rolled[n, y, width - start :] = frames[n, source, :start]


@njit(cache=True, parallel=True, fastmath=True)
def warp_frames(  # type: ignore[no-untyped-def]
    frames, dy, dx, block_y, block_x, row_low, row_share, column_low, column_share, warped
):
    """Frames rolled back by (dy, dx), then sampled where the blocks' shifts point to.

    Shifts of blocks (n, rows of blocks, columns of blocks) are interpolated linearly between
    the blocks around a pixel: row y lies `row_share[y]` of the way from block row
    `row_low[y]` to the next one. Sampling is bilinear, the border counts on outwards,
    and grey levels are cut to whole numbers, as suite2p does.
    """
    count, height, width = frames.shape
    for n in prange(count):
        rolled = np.empty((height, width), np.int16)
        _roll(frames[n], dy[n], dx[n], rolled)
        at_y, at_x = np.empty(width, np.float32), np.empty(width, np.float32)
        for y in range(height):
            below, share = row_low[y], row_share[y]
            above = min(below + 1, block_y.shape[1] - 1)
            between_y = block_y[n, below] + (block_y[n, above] - block_y[n, below]) * share
            between_x = block_x[n, below] + (block_x[n, above] - block_x[n, below]) * share
            _along_row(between_y, column_low, column_share, np.float32(y), at_y)
            _along_row(between_x, column_low, column_share, np.float32(0), at_x)
            _sample_row(rolled, at_y, at_x, warped[n, y])


@njit(cache=True)
def _roll(frame, dy, dx, rolled):  # type: ignore[no-untyped-def]
    height, width = frame.shape
    start = dx % width
    for y in range(height):
        source = (y + dy) % height
        rolled[y, : width - start] = frame[source, start:]
        rolled[y, width - start :] = frame[source, :start]


@njit(cache=True, fastmath=True)
def _along_row(blocks, column_low, column_share, start, place):  # type: ignore[no-untyped-def]
    """`start` plus the shift of each pixel of a row, from those of the blocks along it."""
    last = blocks.size - 1
    for x in range(place.size):
        low = column_low[x]
        difference = blocks[min(low + 1, last)] - blocks[low]
        place[x] = start + blocks[low] + difference * column_share[x]


@njit(cache=True, fastmath=True)
def _sample_row(frame, at_y, at_x, sampled):  # type: ignore[no-untyped-def]
    """Bilinear samples of a frame at rows `at_y` and columns x + `at_x`."""
    height, width = frame.shape
    one, zero = np.float32(1), np.float32(0)
    bottom, right = np.float32(height - 1), np.float32(width - 1)
    for x in range(width):
        y_place = min(max(at_y[x], zero), bottom)
        x_place = min(max(np.float32(x) + at_x[x], zero), right)
        y0, x0 = np.int32(y_place), np.int32(x_place)
        y1, x1 = min(y0 + 1, height - 1), min(x0 + 1, width - 1)
        part_y, part_x = y_place - np.float32(y0), x_place - np.float32(x0)
        sampled[x] = np.int16(
            frame[y0, x0] * ((one - part_y) * (one - part_x))
            + frame[y0, x1] * ((one - part_y) * part_x)
            + frame[y1, x0] * (part_y * (one - part_x))
            + frame[y1, x1] * (part_y * part_x)
        )


@njit(cache=True, parallel=True, fastmath=True)
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
    for each in prange(blocks * count):
        block, n = each // count, each % count
        chosen = maps[block, n]
        y, x, clear = _peak(chosen, pad, threshold)
        if not clear:
            chosen = smooth[block, n]
            y, x, clear = _peak(chosen, pad, threshold)
        if not clear:
            chosen = smoother[block, n]
            y, x, clear = _peak(chosen, pad, threshold)
        best, row, column = _finer_peak(chosen, y, x, finer)
        correlation[block, n] = best
        shift[block, n, 0] = (y - limit) * per_px + row - positions // 2
        shift[block, n, 1] = (x - limit) * per_px + column - positions // 2


@njit(cache=True, fastmath=True)
def _finer_peak(values, top, left, finer):  # type: ignore[no-untyped-def]
    """The largest interpolated value around a peak, and its row and column there."""
    around, positions = finer.shape
    along_x = np.zeros((around, positions), np.float32)
    for y in range(around):
        for x in range(around):
            value = values[top + y, left + x]
            for position in range(positions):
                along_x[y, position] += value * finer[x, position]
    best, row, column = np.float32(-np.inf), 0, 0
    line = np.empty(positions, np.float32)
    for i in range(positions):
        line[:] = 0
        for y in range(around):
            for position in range(positions):
                line[position] += finer[y, i] * along_x[y, position]
        place = int(line.argmax())
        if line[place] > best:
            best, row, column = line[place], i, place
    return best, row, column


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

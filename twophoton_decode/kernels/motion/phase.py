"""Phase correlation of images with a reference, two images at a time, near no shift.

Two real images are one complex one, so their transforms cost one; they are told apart by
the symmetry of their spectra after the transform along the rows' direction, and joined again
before the last transform back. Images are cut into strips of sixteen columns, spectra into
strips of sixteen frequencies, so that what is worked on stays in the nearest memory.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from twophoton_decode.kernels.motion.fourier import POINT, Transform, transform
from twophoton_decode.kernels.motion.lanes import (
    LANES,
    inverse_root,
    load,
    store,
    transpose,
    within,
)

TINY = np.float32(1e-10)
"""Square of the size of a coefficient that counts as nothing."""
SQUARE = LANES * LANES


class Template(NamedTuple):
    """What images of one size, a block or a whole frame, are compared with.

    `weight` and `filling` are (blocks, strips x rows x 16), `reference` is (blocks, strips x
    columns x 2 x 16): for both images of a pair, the frequencies along y up to the middle.
    """

    along_y: Transform
    along_x: Transform
    low: np.float32
    high: np.float32
    weight: np.ndarray
    filling: np.ndarray
    reference: np.ndarray


@njit(cache=True, nogil=True)
def correlation_windows(  # type: ignore[no-untyped-def]
    frames, count, shape, corners, template, limit, windows
):
    """Correlations within `limit` px of no shift into `windows` (blocks, n, side, side).

    `frames` are `count` of `shape` (y, x) in a flat array of int16, with 16 items to spare;
    `corners` is the place of each block's first pixel in a frame.
    """
    room = _room(template, limit)
    pixels = shape[0] * shape[1]
    for block in range(corners.size):
        for first in range(0, count, 2):
            second = min(first + 1, count - 1)
            places = first * pixels + corners[block], second * pixels + corners[block]
            _transform_columns(frames, places, shape[1], template, block, room)
            _correlate_rows(template, block, limit, room)
            _transform_back(template, limit, room, windows[block, first], windows[block, second])


class _Room(NamedTuple):
    """Memory to work in: one strip, twice; a square; spectra by column, and near no shift."""

    points: np.ndarray
    other: np.ndarray
    squares: np.ndarray
    spectra: np.ndarray
    near: np.ndarray


@njit(cache=True)
def _room(template, limit):  # type: ignore[no-untyped-def]
    rows, columns = template.along_y.length, template.along_x.length
    strips = _strips(2 * (rows // 2 + 1))
    return _Room(
        np.empty(POINT * max(rows, columns), np.float32),
        np.empty(POINT * max(rows, columns), np.float32),
        np.empty(2 * SQUARE, np.float32),
        np.empty(strips * POINT * LANES * _strips(columns), np.float32),
        np.empty(strips * POINT * LANES * _strips(2 * limit + 1), np.float32),
    )


@njit(cache=True)
def _strips(count):  # type: ignore[no-untyped-def]
    return (count + LANES - 1) // LANES


@njit(cache=True)
def _transform_columns(frames, places, width, template, block, room):  # type: ignore[no-untyped-def]
    """Transform both images along y, and turn the spectra so that columns come first."""
    rows, strips = template.along_y.length, _strips(template.along_x.length)
    weight, filling = template.weight[block], template.filling[block]
    low, high = template.low, template.high
    for strip in range(strips):
        for y in range(rows):
            border = (strip * rows + y) * LANES
            share, rest = load(weight, border), load(filling, border)
            at = y * width + strip * LANES
            first = within(load(frames, places[0] + at), low, high)
            second = within(load(frames, places[1] + at), low, high)
            store(room.points, y * POINT, first * share + rest)
            store(room.points, y * POINT + LANES, second * share + rest)
        swapped = transform(template.along_y, room.points, room.other)
        found = room.other if swapped else room.points
        _tell_apart(found, rows, strip, strips, room.squares, room.spectra)


@njit(cache=True)
def _tell_apart(points, rows, strip, strips, squares, spectra):  # type: ignore[no-untyped-def]
    """Twice the spectra of both images up to the middle, one after the other."""
    half = rows // 2 + 1
    for begin in range(0, 2 * half, LANES):
        for lane in range(min(LANES, 2 * half - begin)):
            k = (begin + lane) % half
            here, there = POINT * k, POINT * ((rows - k) % rows)
            ar, ai = load(points, here), load(points, here + LANES)
            br, bi = load(points, there), load(points, there + LANES)
            if begin + lane < half:
                store(squares, lane * LANES, ar + br)
                store(squares, SQUARE + lane * LANES, ai - bi)
            else:
                store(squares, lane * LANES, ai + bi)
                store(squares, SQUARE + lane * LANES, br - ar)
        to = (begin * strips + strip * LANES) * POINT
        transpose(squares, 0, LANES, spectra, to, POINT)
        transpose(squares, SQUARE, LANES, spectra, to + LANES, POINT)


@njit(cache=True)
def _correlate_rows(template, block, limit, room):  # type: ignore[no-untyped-def]
    """Transform along x, whiten, multiply by the reference and transform back near no shift."""
    plan, reference = template.along_x, template.reference[block]
    columns, strips = plan.length, _strips(2 * (template.along_y.length // 2 + 1))
    size = POINT * LANES * _strips(columns)
    for strip in range(strips):
        spectrum = room.spectra[strip * size : (strip + 1) * size]
        found = room.other if transform(plan, spectrum, room.other) else spectrum
        for k in range(columns):
            at, against = POINT * k, POINT * (strip * columns + k)
            a, b = load(found, at), load(found, at + LANES)
            c, d = load(reference, against), load(reference, against + LANES)
            scale = inverse_root(a * a + b * b + TINY)
            # Exchanging real and imaginary parts makes the next transform the inverse.
            store(spectrum, at, (a * d + b * c) * scale)
            store(spectrum, at + LANES, (a * c - b * d) * scale)
        found = room.other if transform(plan, spectrum, room.other) else spectrum
        _turn_near(found, columns, limit, strip, strips, room.squares, room.near)


@njit(cache=True)
def _turn_near(points, columns, limit, strip, strips, squares, near):  # type: ignore[no-untyped-def]
    """Columns near no shift, turned so that frequencies come first again."""
    side = 2 * limit + 1
    for begin in range(0, side, LANES):
        for lane in range(min(LANES, side - begin)):
            at = POINT * ((begin + lane - limit) % columns)
            store(squares, lane * LANES, load(points, at + LANES))
            store(squares, SQUARE + lane * LANES, load(points, at))
        to = (begin * strips + strip * LANES) * POINT
        transpose(squares, 0, LANES, near, to, POINT)
        transpose(squares, SQUARE, LANES, near, to + LANES, POINT)


@njit(cache=True)
def _transform_back(template, limit, room, first, second):  # type: ignore[no-untyped-def]
    """Join both spectra, transform back along y, and keep the rows near no shift."""
    rows, side = template.along_y.length, 2 * limit + 1
    strips = _strips(2 * (rows // 2 + 1))
    for begin in range(0, side, LANES):
        _join(room.near, begin * strips * POINT, rows, room.points)
        swapped = transform(template.along_y, room.points, room.other)
        found = room.other if swapped else room.points
        for y in range(side):
            at = POINT * ((y - limit) % rows)
            for lane in range(min(LANES, side - begin)):
                second[y, begin + lane] = found[at + lane]
                first[y, begin + lane] = found[at + LANES + lane]


@njit(cache=True)
def _join(near, at, rows, points):  # type: ignore[no-untyped-def]
    """The spectrum of one image plus i times the other's, parts exchanged."""
    half = rows // 2 + 1
    for k in range(half):
        here, there = at + POINT * k, at + POINT * (half + k)
        ar, ai = load(near, here), load(near, here + LANES)
        br, bi = load(near, there), load(near, there + LANES)
        if k == 0 or 2 * k == rows:
            store(points, POINT * k, br)
            store(points, POINT * k + LANES, ar)
        else:
            store(points, POINT * k, ai + br)
            store(points, POINT * k + LANES, ar - bi)
            store(points, POINT * (rows - k), br - ai)
            store(points, POINT * (rows - k) + LANES, ar + bi)

"""Fourier transforms of any length, of sixteen complex sequences side by side.

An array holds, for each point of the sequences, sixteen real parts and then sixteen
imaginary ones. The transform is Stockham's: every pass splits off one factor of the length
and leaves the points in their natural order at the end.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit

from twophoton_decode.kernels.motion.lanes import LANES, load, store

POINT = 2 * LANES
"""Numbers per point: the real and the imaginary parts."""


class Transform(NamedTuple):
    """What the transform of one length needs.

    `radices` are the factors in the order of the passes; `cosine` and `sine` hold, pass
    after pass, the factors by which its results are turned and, after them, its roots of one.
    """

    length: int
    radices: np.ndarray
    cosine: np.ndarray
    sine: np.ndarray


@lru_cache(maxsize=32)
def transform_of(length: int) -> Transform:
    """The plan for sequences of `length` points."""
    radices, rest, parts = _radices(length), length, []
    for radix in radices:
        rest //= radix
        turns = np.outer(np.arange(rest), np.arange(1, radix)) / (rest * radix)
        parts += [turns.ravel(), np.arange(radix) / radix]
    angle = -2 * np.pi * np.concatenate(parts) if parts else np.empty(0)
    cosine, sine = np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)
    return Transform(length, np.array(radices, np.int64), cosine, sine)


def _radices(length: int) -> list[int]:
    """Eights with as many fours as the power of two needs, then the odd prime factors."""
    twos = (length & -length).bit_length() - 1
    fours = {0: 0, 1: 2, 2: 1}[twos % 3] if twos != 1 else 0
    radices = [4] * fours + [8] * ((twos - 2 * fours) // 3) + [2] * (twos == 1)
    rest, prime = length >> twos, 3
    while rest > 1:
        while rest % prime == 0:
            radices.append(prime)
            rest //= prime
        prime += 2
    return radices


@njit(cache=True)
def transform(plan, points, other):  # type: ignore[no-untyped-def]
    """Transform `points` in place, with `other` of the same size to work in.

    Returns whether the result is in `other` instead of `points`; both are flat.
    """
    rest, done, at, swapped = plan.length, 1, 0, False
    for radix in plan.radices:
        rest //= radix
        here, there = (other, points) if swapped else (points, other)
        if radix == 8:
            _eights(here, there, rest, done, plan.cosine, plan.sine, at)
        elif radix == 4:
            _fours(here, there, rest, done, plan.cosine, plan.sine, at)
        else:
            _primes(here, there, radix, rest, done, plan.cosine, plan.sine, at)
        at += rest * (radix - 1) + radix
        done *= radix
        swapped = not swapped
    return swapped


@njit(cache=True)
def _eights(here, there, rest, done, cosine, sine, at):  # type: ignore[no-untyped-def]
    root = np.float32(0.5**0.5)
    step, out = POINT * done * rest, POINT * done
    for p in range(rest):
        turn = at + 7 * p
        for q in range(done):
            i, o = POINT * (q + done * p), POINT * (q + done * 8 * p)
            ar, ai, br, bi, cr, ci, dr, di = _quarters(here, i, 2 * step)
            er, ei, fr, fi, gr, gi, hr, hi = _quarters(here, i + step, 2 * step)
            fr, fi = (fr + fi) * root, (fi - fr) * root
            hr, hi = (hi - hr) * root, (hi + hr) * root
            store(there, o, ar + er)
            store(there, o + LANES, ai + ei)
            _put(there, o + out, br + fr, bi + fi, cosine[turn], sine[turn])
            _put(there, o + 2 * out, cr + gi, ci - gr, cosine[turn + 1], sine[turn + 1])
            _put(there, o + 3 * out, dr + hr, di - hi, cosine[turn + 2], sine[turn + 2])
            _put(there, o + 4 * out, ar - er, ai - ei, cosine[turn + 3], sine[turn + 3])
            _put(there, o + 5 * out, br - fr, bi - fi, cosine[turn + 4], sine[turn + 4])
            _put(there, o + 6 * out, cr - gi, ci + gr, cosine[turn + 5], sine[turn + 5])
            _put(there, o + 7 * out, dr - hr, di + hi, cosine[turn + 6], sine[turn + 6])


@njit(cache=True)
def _fours(here, there, rest, done, cosine, sine, at):  # type: ignore[no-untyped-def]
    step, out = POINT * done * rest, POINT * done
    for p in range(rest):
        turn = at + 3 * p
        for q in range(done):
            i, o = POINT * (q + done * p), POINT * (q + done * 4 * p)
            ar, ai, br, bi, cr, ci, dr, di = _quarters(here, i, step)
            store(there, o, ar)
            store(there, o + LANES, ai)
            _put(there, o + out, br, bi, cosine[turn], sine[turn])
            _put(there, o + 2 * out, cr, ci, cosine[turn + 1], sine[turn + 1])
            _put(there, o + 3 * out, dr, di, cosine[turn + 2], sine[turn + 2])


@njit(cache=True)
def _primes(here, there, radix, rest, done, cosine, sine, at):  # type: ignore[no-untyped-def]
    step, roots = POINT * done * rest, at + rest * (radix - 1)
    for p in range(rest):
        for q in range(done):
            i, o = POINT * (q + done * p), POINT * (q + done * radix * p)
            real, imaginary = load(here, i), load(here, i + LANES)
            for j in range(1, radix):
                real = real + load(here, i + j * step)
                imaginary = imaginary + load(here, i + j * step + LANES)
            store(there, o, real)
            store(there, o + LANES, imaginary)
            for k in range(1, radix):
                real, imaginary = load(here, i), load(here, i + LANES)
                for j in range(1, radix):
                    root = roots + j * k % radix
                    c, s = cosine[root], sine[root]
                    a, b = load(here, i + j * step), load(here, i + j * step + LANES)
                    real = real + (a * c - b * s)
                    imaginary = imaginary + (a * s + b * c)
                turn = at + (radix - 1) * p + k - 1
                _put(there, o + k * POINT * done, real, imaginary, cosine[turn], sine[turn])


@njit(cache=True)
def _quarters(points, at, step):  # type: ignore[no-untyped-def]
    """Four points, `step` apart, transformed."""
    ar, ai = load(points, at), load(points, at + LANES)
    br, bi = load(points, at + step), load(points, at + step + LANES)
    cr, ci = load(points, at + 2 * step), load(points, at + 2 * step + LANES)
    dr, di = load(points, at + 3 * step), load(points, at + 3 * step + LANES)
    er, ei, fr, fi = ar + cr, ai + ci, ar - cr, ai - ci
    gr, gi, hr, hi = br + dr, bi + di, br - dr, bi - di
    return er + gr, ei + gi, fr + hi, fi - hr, er - gr, ei - gi, fr - hi, fi + hr


@njit(cache=True)
def _put(points, at, real, imaginary, cosine, sine):  # type: ignore[no-untyped-def]
    """Store a point, turned."""
    store(points, at, real * cosine - imaginary * sine)
    store(points, at + LANES, real * sine + imaginary * cosine)

"""Two clocks: which flip belongs to which row at an offset and drift, and the robust line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_ROUNDS = 20
_FAR = 3.0
"""Residuals beyond so many robust standard deviations do not bear on the line [ours]."""
_GAUSSIAN = 1.4826


@dataclass(frozen=True)
class Clock:
    """Trace time = `offset_s` + (1 + `drift`) x log time."""

    offset_s: float
    drift: float

    def trace_s(self, log_s: np.ndarray) -> np.ndarray:
        """Times of the log as times of the trace, s."""
        return np.asarray(self.offset_s + (1 + self.drift) * log_s)


@dataclass(frozen=True)
class Match:
    """Which row belongs to which flip; arrays of shape (matched,), both rising."""

    row: np.ndarray
    flip: np.ndarray


def matched_flips(clock: Clock, log_s: np.ndarray, flip_s: np.ndarray, within_s: float) -> Match:
    """Rows and flips that are each other's nearest, at most `within_s` apart.

    Parameters
    ----------
    log_s : ndarray, shape (row,)
        Onsets by the log, rising.
    flip_s : ndarray, shape (flip,)
        Flips by the trace, rising.
    """
    expected = clock.trace_s(log_s)
    flip = nearest(flip_s, expected)
    back = nearest(expected, flip_s[flip])
    apart = np.abs(flip_s[flip] - expected)
    kept = (apart <= within_s) & (back == np.arange(log_s.size))
    return Match(np.flatnonzero(kept), flip[kept])


def nearest(places: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The index of the nearest of `places`, which rise, to each that is wanted."""
    after = np.clip(np.searchsorted(places, wanted), 1, max(places.size - 1, 1))
    after = np.minimum(after, places.size - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(wanted - places[before]) <= np.abs(places[after] - wanted)
    return np.where(nearer, before, after)


def robust_line(log_s: np.ndarray, flip_s: np.ndarray, most_drift: float) -> Clock:
    """Least squares over the pairs that lie near the line, until these stay the same.

    The line stays within `most_drift` of a slope of 1; with one pair it has no drift.
    """
    middle = float(log_s.mean())
    x, y = log_s - middle, flip_s - log_s
    kept = np.ones(x.size, dtype=bool)
    slope, level = 0.0, float(np.median(y))
    for _ in range(_ROUNDS):
        spread = float((x[kept] - x[kept].mean()) @ x[kept])
        slope = float((x[kept] - x[kept].mean()) @ y[kept]) / spread if spread > 0 else 0.0
        slope = float(np.clip(slope, -most_drift, most_drift))
        level = float((y[kept] - slope * x[kept]).mean())
        off = np.abs(y - level - slope * x)
        near = off <= max(_FAR * _GAUSSIAN * float(np.median(off)), 1e-6)
        if (near == kept).all():
            break
        kept = near
    return Clock(level - slope * middle, slope)


def residuals(clock: Clock, log_s: np.ndarray, flip_s: np.ndarray, match: Match) -> np.ndarray:
    """How much later than expected each matched flip comes, s, shape (matched,)."""
    return np.asarray(flip_s[match.flip] - clock.trace_s(log_s[match.row]))


def robust_sd(values: np.ndarray) -> float:
    """1.4826 times the median distance from the median; NaN of nothing."""
    if not values.size:
        return float("nan")
    return _GAUSSIAN * float(np.median(np.abs(values - np.median(values))))

"""How brightness changes over a recording: bleaching, and sudden jumps."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

SEGMENTS = 60
"""Stretches of equal length in which a long recording is described."""
_FEWEST_SEGMENTS = 6
_FRAMES_PER_SEGMENT = 5
_FEWEST_INDEPENDENT = 4
# A jump is large against the other steps and against the brightness itself.
JUMP_SD = 10.0
JUMP_SHARE = 0.1


class Decay(NamedTuple):
    """Brightness = start exp(-rate t), t in s: start and rate with 95 % interval, each (n,)."""

    start: np.ndarray
    rate: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def at(self, time_s: np.ndarray) -> np.ndarray:
        """The fitted brightness, shape (n, times)."""
        return np.asarray(self.start[:, None] * np.exp(-self.rate[:, None] * time_s))

    def lost(self, duration_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Per cent lost over `duration_s`, shape (n,), and its interval, shape (n, 2)."""
        rates = np.stack([self.rate, self.low, self.high], axis=1)
        lost = -100 * np.expm1(-rates * duration_s)
        return lost[:, 0], lost[:, 1:]


def segment_edges(frames: int) -> np.ndarray:
    """First frame of each stretch, and the end: up to 60 stretches of at least 5 frames."""
    parts = max(1, min(SEGMENTS, frames // _FRAMES_PER_SEGMENT))
    return np.linspace(0, frames, parts + 1).astype(int)


def segment_medians(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Median of each stretch, which short transients hardly move: (n, frames) to (n, stretches)."""
    bounds = pairwise(edges)
    return np.stack([np.median(values[:, start:stop], axis=1) for start, stop in bounds], axis=1)


def exponential_decay(time_s: np.ndarray, brightness: np.ndarray) -> Decay:
    """Least squares of log brightness on time: an exponential towards zero [field].

    Neighbouring residuals resemble each other, so the interval counts n (1 - r) / (1 + r)
    independent stretches, r the correlation of a residual with the next, not below zero
    (Santer et al., J Geophys Res 105:7337, 2000).

    Parameters
    ----------
    time_s : ndarray, shape (stretches,), s
    brightness : ndarray, shape (n, stretches)

    Returns
    -------
    Decay
        NaN where a stretch is not above zero, or with fewer than 6 stretches; no interval
        with fewer than 4 independent ones.
    """
    size = time_s.size
    if size < _FEWEST_SEGMENTS:
        return Decay(*np.full((4, len(brightness)), np.nan))
    level = np.asarray(brightness, dtype=float)
    positive = (level > 0).all(axis=1, keepdims=True)
    log = np.log(np.where(positive, level, np.nan))
    time = time_s - time_s.mean()
    slope = log @ time / (time @ time)
    middle = log.mean(axis=1)
    residual = log - middle[:, None] - slope[:, None] * time
    margin = _margin(residual, float(time @ time))
    start = np.exp(middle - slope * time_s.mean())
    return Decay(start, -slope, -slope - margin, -slope + margin)


def _margin(residual: np.ndarray, spread: float) -> np.ndarray:
    """Half the 95 % interval of a slope."""
    squares = (residual**2).sum(axis=1)
    follow = np.zeros(len(residual))
    np.divide(
        (residual[:, 1:] * residual[:, :-1]).sum(axis=1), squares, out=follow, where=squares > 0
    )
    follow = follow.clip(0, None)
    independent = residual.shape[1] * (1 - follow) / (1 + follow)
    enough = independent >= _FEWEST_INDEPENDENT
    free = np.where(enough, independent, np.nan) - 2
    return np.asarray(student.ppf(0.975, free) * np.sqrt(squares / free / spread))


def relative_brightness(brightness: np.ndarray) -> np.ndarray:
    """Each ROI's brightness over its mean, so that bright and dim cells count alike.

    ROIs that are not above zero throughout are left out: (n, stretches) to (fewer, stretches).
    """
    level = np.asarray(brightness, dtype=float)
    level = level[(level > 0).all(axis=1)]
    return np.asarray(level / level.mean(axis=1, keepdims=True))


def brightness_jumps(frame_mean: np.ndarray) -> np.ndarray:
    """Frames whose mean jumps from the one before [ours].

    A jump exceeds 10 times the SD of steps (median / 0.674) and a tenth of the median
    brightness: a shutter, a lamp, a detector that switched off; cells do not do this.

    Parameters
    ----------
    frame_mean : ndarray, shape (planes, frames), grey levels

    Returns
    -------
    ndarray of bool, shape (planes, frames)
    """
    jump = np.zeros(frame_mean.shape, dtype=bool)
    if frame_mean.shape[1] > 1:
        step = np.abs(np.diff(frame_mean, axis=1))
        usual = np.median(step, axis=1, keepdims=True) / 0.67449
        level = np.abs(np.median(frame_mean, axis=1, keepdims=True))
        jump[:, 1:] = step > np.maximum(JUMP_SD * usual, JUMP_SHARE * level)
    return jump

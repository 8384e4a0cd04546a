"""Many candidate clocks at once: how well the rows fit under each, and each one fitted again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.stimulus.clock.fit import Clock, nearest

MOST_DRIFT = 0.01
_ROUNDS = 3
_MOST_TIMES = 2_000_000


@dataclass(frozen=True)
class Lines:
    """Candidate clocks; arrays of shape (candidate,).

    Attributes
    ----------
    at_s : float
        Log time at which `place_s` holds: the middle of the rows fitted, where offset and drift
        do not depend on each other.
    place_s : ndarray
        Trace time of that moment.
    drift : ndarray
    score : ndarray
        Sum over rows of 1 - (residual / tolerance)², zero beyond the tolerance.
    """

    at_s: float
    place_s: np.ndarray
    drift: np.ndarray
    score: np.ndarray

    def moved(self, log_s: float) -> Lines:
        """The same clocks, held at another moment of the log."""
        place = self.place_s + (1 + self.drift) * (log_s - self.at_s)
        return Lines(log_s, place, self.drift, self.score)

    def best(self, count: int) -> Lines:
        """The candidates with the highest scores, in their order."""
        kept = np.argsort(-self.score, kind="stable")[:count]
        return Lines(self.at_s, self.place_s[kept], self.drift[kept], self.score[kept])

    def clock(self, candidate: int) -> Clock:
        """One candidate."""
        drift = float(self.drift[candidate])
        return Clock(float(self.place_s[candidate]) - (1 + drift) * self.at_s, drift)


def joined(parts: list[Lines], at_s: float) -> Lines:
    """Candidates of several stretches, all held at one moment of the log."""
    moved = [part.moved(at_s) for part in parts]
    return Lines(
        at_s,
        np.concatenate([part.place_s for part in moved]),
        np.concatenate([part.drift for part in moved]),
        np.concatenate([part.score for part in moved]),
    )


def refitted(lines: Lines, log_s: np.ndarray, flip_s: np.ndarray, within_s: float) -> Lines:
    """Each candidate fitted to its nearest flips, three rounds of Tukey's biweight.

    Parameters
    ----------
    log_s : ndarray, shape (row,)
    flip_s : ndarray, shape (flip,)
    """
    lines = lines.moved(float(log_s.mean()))
    size = max(_MOST_TIMES // log_s.size, 1)
    parts = []
    for first in range(0, lines.place_s.size, size):
        some = slice(first, first + size)
        part = Lines(lines.at_s, lines.place_s[some], lines.drift[some], lines.score[some])
        for _ in range(_ROUNDS):
            part = _refit(part, log_s, flip_s, within_s)
        parts.append(part)
    return joined(parts, lines.at_s)


def _refit(lines: Lines, log_s: np.ndarray, flip_s: np.ndarray, within_s: float) -> Lines:
    x = log_s - lines.at_s
    expected = lines.place_s[:, None] + (1 + lines.drift[:, None]) * x
    off = flip_s[nearest(flip_s, expected)] - expected
    near = np.clip(1 - (off / within_s) ** 2, 0, None)
    weight = near**2
    total = weight.sum(axis=1)
    safe = np.where(total > 0, total, 1.0)
    centre, level = (weight @ x) / safe, (weight * off).sum(axis=1) / safe
    spread = weight @ x**2 - safe * centre**2
    along = (weight * off) @ x - safe * centre * level
    slope = np.where(spread > 1e-9, along / np.where(spread > 1e-9, spread, 1.0), 0.0)
    drift = np.clip(lines.drift + slope, -MOST_DRIFT, MOST_DRIFT)
    slope = drift - lines.drift
    return Lines(lines.at_s, lines.place_s + level - slope * centre, drift, near.sum(axis=1))

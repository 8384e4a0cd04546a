"""When a trace flips: crossings with hysteresis, and bounces taken together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twophoton_decode.progress import Progress, silent
from twophoton_decode.stimulus.clock.levels import Levels
from twophoton_decode.stimulus.clock.trace import Trace

Edges = Literal["rising", "falling", "both"]
EDGES: tuple[Edges, ...] = ("rising", "falling", "both")


@dataclass(frozen=True)
class Crossings:
    """Every crossing of a trace's threshold, in order.

    Attributes
    ----------
    time_s : ndarray, shape (crossing,)
    rises : ndarray of bool, shape (crossing,)
    """

    time_s: np.ndarray
    rises: np.ndarray


def find_crossings(trace: Trace, levels: Levels, progress: Progress = silent) -> Crossings:
    """Where a trace passes from one level to the other.

    A crossing counts once the trace has gone `levels.margin` beyond the threshold; its time is
    the last crossing of the threshold before that, interpolated between two samples. Samples
    that are no numbers keep the level before them.
    """
    samples, rises = [], []
    for found, up in _by_chunk(trace, levels, progress):
        samples.append(found)
        rises.append(up)
    sample = np.concatenate(samples) if samples else np.zeros(0)
    up = np.concatenate(rises) if rises else np.zeros(0, dtype=bool)
    return Crossings(trace.seconds(sample), up)


def _by_chunk(
    trace: Trace, levels: Levels, progress: Progress
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    state, before, last = 0, np.array([np.nan]), np.array([-1, -1])
    for first, values in trace.chunks():
        line = np.concatenate([before, values])
        number = np.arange(first - 1, first + values.size)
        # The last sample up to each that lies below, and above, the threshold.
        sides = [
            np.maximum.accumulate(np.where(side, number, seen))
            for side, seen in zip(
                (line < levels.threshold, line >= levels.threshold), last, strict=True
            )
        ]
        states = _states(line, levels, state)
        changed = np.flatnonzero(states[1:] != states[:-1]) + 1
        changed = changed[states[changed - 1] != 0]
        up = states[changed] > 0
        start = np.where(up, sides[0][changed], sides[1][changed])
        yield start + _fraction(line, start - number[0], levels.threshold), up
        state, before = int(states[-1]), line[-1:]
        last = np.array([side[-1] for side in sides])
        progress(first + values.size, trace.samples, "flips of the trace")


def _states(line: np.ndarray, levels: Levels, state: int) -> np.ndarray:
    """1 where the trace is high, -1 where it is low, else as before; the first is `state`."""
    far = np.zeros(line.size, dtype=np.int8)
    far[line >= levels.threshold + levels.margin] = 1
    far[line <= levels.threshold - levels.margin] = -1
    far[0] = state
    known = np.maximum.accumulate(np.where(far != 0, np.arange(line.size), 0))
    return far[known]


def _fraction(line: np.ndarray, place: np.ndarray, threshold: float) -> np.ndarray:
    """How far after sample `place` the threshold is crossed, in samples; a half if unknown."""
    inside = (place >= 0) & (place + 1 < line.size)
    here = line[np.clip(place, 0, line.size - 1)]
    after = line[np.clip(place + 1, 0, line.size - 1)]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (threshold - here) / (after - here)
    return np.where(inside & (share >= 0) & (share <= 1), share, 0.5)


def choose_flips(crossings: Crossings, edges: Edges, debounce_s: float) -> np.ndarray:
    """Times of the flips, s, shape (flip,): crossings less than `debounce_s` apart are one burst.

    A burst that ends at the other level is one flip, at its first crossing. A burst that ends
    where it began is a pulse away from that level: it counts as a rising (falling) flip if it
    began so, and not at all where both edges count.
    """
    time, rises = crossings.time_s, crossings.rises
    if not time.size:
        return time
    begins = np.flatnonzero(np.concatenate([[True], np.diff(time) >= debounce_s]))
    crossed = np.diff(np.concatenate([begins, [time.size]])) % 2 == 1
    if edges == "both":
        return time[begins[crossed]]
    wanted = rises[begins] == (edges == "rising")
    return time[begins[wanted]]

"""Long recordings in a figure: which points to draw, and time in seconds or minutes."""

from __future__ import annotations

import numpy as np

POINTS = 1600
"""Points of a line across a figure; more cannot be told apart on paper."""
_MINUTES_FROM_S = 180.0


def extremes(values: np.ndarray, points: int = POINTS) -> np.ndarray:
    """Indices of the lowest and highest value of each stretch, in order: no peak is lost.

    A line that is short enough is drawn whole. NaN is never chosen where there is a number.
    """
    if values.size <= points:
        return np.arange(values.size)
    edges = np.linspace(0, values.size, points // 2 + 1).astype(int)[:-1]
    stretch = np.repeat(np.arange(edges.size), np.diff(np.append(edges, values.size)))
    # Sorted by stretch, then value: the first and last of each stretch are its extremes.
    low, high = (
        np.lexsort((np.where(np.isnan(values), np.inf, sign * values), stretch))[edges]
        for sign in (1, -1)
    )
    return np.unique(np.concatenate([low, high]))


def in_time_unit(seconds: np.ndarray, duration_s: float) -> np.ndarray:
    """Seconds, or minutes where the recording is longer than three."""
    return seconds / 60 if duration_s > _MINUTES_FROM_S else seconds


def time_label(duration_s: float) -> str:
    """What a time axis of `in_time_unit` says."""
    return f"Time ({'min' if duration_s > _MINUTES_FROM_S else 's'})"

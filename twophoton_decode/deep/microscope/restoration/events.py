"""What restoration does to traces: amplitudes of events, missed ones, slow and fast brightness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

EVENT_DFF = 0.15
"""A true event is a rise of the clean trace by this share of its rest."""
_BEFORE = 3
"""Frames before an event whose mean it rises from."""
_REACH = 8
"""Frames after the onset in which the peak is looked for."""
MISSED_SHARE = 0.5
"""An event is missed where less than this share of its amplitude is left."""


@dataclass(frozen=True, eq=False)
class Events:
    """True events of all cells.

    Attributes
    ----------
    cell, onset, peak : ndarray of int, shape (events,)
    amplitude : ndarray, shape (events,)
        Rise of the clean trace from before the onset to the peak, in the trace's unit.
    """

    cell: np.ndarray
    onset: np.ndarray
    peak: np.ndarray
    amplitude: np.ndarray


@dataclass(frozen=True)
class Fidelity:
    """How well traces keep what is true.

    Attributes
    ----------
    slope : float
        Of amplitudes on the true ones, through the origin.
    area_slope : float
        The same for the area from onset to peak and as long after it.
    missed : float
        Share of events with less than half of their amplitude.
    r : float
        Correlation with the true trace, median over cells.
    """

    slope: float
    area_slope: float
    missed: float
    r: float


def traces_of(movie: np.ndarray, masks: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Mean of every mask in every frame, (cells, frames), of a movie (frames, y, x)."""
    if not masks:
        return np.zeros((0, len(movie)))
    return np.stack([movie[:, y, x].mean(axis=1, dtype=np.float64) for y, x in masks])


def true_events(clean: np.ndarray) -> Events:
    """Events of clean traces (cells, frames): rises by `EVENT_DFF` within eight frames."""
    found: list[tuple[int, int, int, float]] = []
    for cell, trace in enumerate(clean):
        rest, frame = float(np.percentile(trace, 20)), _BEFORE
        while frame < trace.size - _REACH:
            before = trace[frame - _BEFORE : frame].mean()
            reach = trace[frame : frame + _REACH]
            peak = frame + int(np.argmax(reach))
            rise = trace[peak] - before
            # Its onset: the last frame before most of the rise.
            if rise > EVENT_DFF * rest and reach[0] - before > rise / 4:
                found.append((cell, frame, peak, float(rise)))
                frame = peak + _BEFORE
            frame += 1
    columns = np.array(found, dtype=float).reshape(-1, 4).T
    whole = columns[:3].astype(np.int64)
    return Events(cell=whole[0], onset=whole[1], peak=whole[2], amplitude=columns[3])


def fidelity(traces: np.ndarray, clean: np.ndarray, events: Events) -> Fidelity:
    """How well traces (cells, frames) keep the events of the clean ones; NaN without events."""
    own, true = (_amplitudes(each, events) for each in (traces, clean))
    own_area, true_area = (_areas(each, events) for each in (traces, clean))
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(traces, clean, strict=True) if b.std() > 0]
    return Fidelity(
        slope=_slope(own, true),
        area_slope=_slope(own_area, true_area),
        missed=float((own < MISSED_SHARE * true).mean()) if true.size else float("nan"),
        r=float(np.median(r)) if r else float("nan"),
    )


def flicker(movie: np.ndarray, clean: np.ndarray) -> float:
    """SD of what the brightness of whole frames changes from frame to frame and should not.

    As a share of the mean brightness.
    """
    own, true = (each.mean(axis=(1, 2), dtype=np.float64) for each in (movie, clean))
    return float(np.std(np.diff(own - true)) / true.mean())


def slow_error(traces: np.ndarray, clean: np.ndarray) -> float:
    """Largest drift of a trace's baseline against the true one over quarters of the movie.

    Of 20th percentiles, as a share of the true one; median over cells.
    """
    if not len(traces):
        return float("nan")
    parts = zip(np.array_split(traces, 4, axis=1), np.array_split(clean, 4, axis=1), strict=True)
    ratio = np.array([
        np.percentile(own, 20, axis=1) / np.percentile(true, 20, axis=1) for own, true in parts
    ])  # fmt: skip
    return float(np.median(np.ptp(ratio, axis=0)))


def _amplitudes(traces: np.ndarray, events: Events) -> np.ndarray:
    rows = zip(events.cell, events.onset, events.peak, strict=True)
    return np.array([
        traces[cell, peak] - traces[cell, onset - _BEFORE : onset].mean()
        for cell, onset, peak in rows
    ])  # fmt: skip


def _areas(traces: np.ndarray, events: Events) -> np.ndarray:
    rows = zip(events.cell, events.onset, events.peak, strict=True)
    return np.array([
        (traces[cell, onset : 2 * peak - onset + 1]
         - traces[cell, onset - _BEFORE : onset].mean()).sum()
        for cell, onset, peak in rows
    ])  # fmt: skip


def _slope(own: np.ndarray, true: np.ndarray) -> float:
    return float((own * true).sum() / (true**2).sum()) if true.size else float("nan")

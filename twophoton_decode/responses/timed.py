"""Evoked responses bin by bin: the same presentations and cells, a window for each bin."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.responses import Responses
from twophoton_decode.records.timed_responses import TimedResponses
from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.evoked import evoked_responses
from twophoton_decode.responses.windows.windows import FrameWindow, frames_in_window
from twophoton_decode.settings import Settings
from twophoton_decode.words import true_minus

_VALUES_AT_ONCE = 25_000_000


class Expected(NamedTuple):
    """Pictures that were expected, but not shown: `onset_s`, `image`, `condition`, each (n,)."""

    onset_s: np.ndarray
    image: np.ndarray
    condition: np.ndarray


def timed_responses(
    responses: Responses,
    traces: Traces,
    settings: Settings,
    signal: Callable[[np.ndarray], np.ndarray],
    progress: Progress = silent,
    expected: Expected | None = None,
) -> TimedResponses:
    """Mean of the signal in every bin minus its mean in the baseline before the onset.

    Blanks and pictures that were only expected stand beside the presentations.

    Parameters
    ----------
    responses : Responses
        Which presentations and cells; made from these traces.
    traces : Traces
        Opened, not loaded: frame times and planes are read.
    settings : Settings
        ``time_bins_s`` and ``baseline_window_s`` under ``[responses]``.
    signal : callable
        ``signal(cells)`` gives the signal (cells, frames) of some cells, by index.
    expected : Expected, optional
        Pictures that were expected, but not shown, by their index in `responses`.

    Raises
    ------
    ResponseError
        A bin holds no frame in any presentation: it is narrower than a frame.
    """
    edges = settings.responses.time_bins_s
    blank = np.array([]) if responses.blank_onset_s is None else responses.blank_onset_s
    without = np.array([]) if expected is None else expected.onset_s
    onset = np.concatenate([responses.onset_s, blank, without])
    shown = responses.presentations
    bins = [frames_in_window(onset, bin_s, traces) for bin_s in pairwise(edges)]
    baseline = frames_in_window(onset, settings.responses.baseline_window_s, traces)
    plane = traces.plane[responses.roi]
    held = np.stack([(each.stop > each.start).all(axis=0) for each in bins], axis=1)
    _refuse_empty(held[:shown], edges, traces.frame_rate_hz)
    made = np.full((len(onset), len(bins), responses.cells), np.nan, np.float32)
    step = max(1, _VALUES_AT_ONCE // traces.fluorescence.shape[1])
    for start in range(0, responses.cells, step):
        cells = np.arange(start, min(start + step, responses.cells))
        values = signal(cells)
        for number in np.unique(plane[cells]):
            here = plane[cells] == number
            for place, window in enumerate(bins):
                rows = np.flatnonzero(held[:, place])
                made[np.ix_(rows, np.array([place]), cells[here])] = evoked_responses(
                    values[here], _of(baseline, number, rows), _of(window, number, rows)
                )[:, None]
        progress(int(cells[-1]) + 1, responses.cells, "cells in time bins")
    pictures, blanks, expectations = np.split(made, [shown, shown + len(blank)])
    known = None if expected is None or not len(without) else expected
    return TimedResponses(
        response=pictures,
        blank_response=blanks if len(blank) else None,
        blank_onset_s=blank if len(blank) else None,
        expected_onset_s=known and known.onset_s,
        expected_response=expectations if known else None,
        expected_image=known and known.image,
        expected_condition=known and known.condition,
        edge_s=np.asarray(edges, float),
        image=responses.image,
        roi=responses.roi,
        response_unit=responses.response_unit,
        indicator_decay_s=settings.extraction.indicator_decay_s,
        signal=settings.traces.signal,
        notes=_notes(held[:shown], edges),
    )


def _of(window: FrameWindow, plane: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return window.start[plane, rows], window.stop[plane, rows]


def _bin(edges: list[float], place: int) -> str:
    return true_minus(f"{edges[place]:g} to {edges[place + 1]:g} s")


def _refuse_empty(held: np.ndarray, edges: list[float], rate_hz: float) -> None:
    empty = np.flatnonzero(~held.any(axis=0))
    if empty.size:
        raise ResponseError(
            f"the time bin from {_bin(edges, int(empty[0]))} holds no frame in any presentation; a "
            f"frame lasts {1 / rate_hz:.3g} s. Make the bins of time_bins_s under [responses] "
            "wider, or end them before the movie does."
        )


def _notes(held: np.ndarray, edges: list[float]) -> list[str]:
    """In how many presentations bins hold no frame."""
    missing = held.shape[0] - held.sum(axis=0)
    told = [
        f"{count} of {len(held)} from {_bin(edges, place)}"
        for place, count in enumerate(missing.tolist())
        if count
    ]
    if not told:
        return []
    return [f"presentations without a frame in a time bin, left out there: {', '.join(told)}."]

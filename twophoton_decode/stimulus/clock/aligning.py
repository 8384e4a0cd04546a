"""Lay a log over the flips of a trace and judge the result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twophoton_decode.errors import AlignmentError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.movie.clock_alignment import ClockAlignment, TraceExcerpt
from twophoton_decode.stimulus.clock.fit import residuals
from twophoton_decode.stimulus.clock.levels import Levels
from twophoton_decode.stimulus.clock.search import Alignment, find_alignments
from twophoton_decode.stimulus.clock.trace import Trace
from twophoton_decode.stimulus.clock.verdict import (
    expected_by_chance,
    reasons_against,
    tight_rows,
)

_TOLERANCE_S = 0.05
_SHARE_OF_INTERVAL = 0.2
_MOST_FLIPS = 200_000
_SHOWN_ROWS = 8
_MOST_SHOWN = 6000


def tolerance(log_s: np.ndarray) -> float:
    """50 ms, or a fifth of the log's short intervals (their 10th percentile) where less, s."""
    steps = np.diff(log_s)
    short = float(np.percentile(steps, 10)) if steps.size else np.inf
    return min(_TOLERANCE_S, _SHARE_OF_INTERVAL * short)


def align_flips(
    log_s: np.ndarray,
    flip_s: np.ndarray,
    *,
    within_s: float,
    step_s: float,
    least_share: float = 0.9,
    offset_near_s: float | None = None,
    progress: Progress = silent,
) -> ClockAlignment:
    """The best alignment of a log's onsets with a trace's flips, and why it is refused, if so.

    Parameters
    ----------
    log_s : ndarray, shape (row,)
        Onsets by the log's clock, s, rising.
    flip_s : ndarray, shape (flip,)
        Flips by the trace's clock, s, rising.
    within_s : float
        How far a flip may lie from where the line expects it.
    step_s : float
        Time between two samples of the trace.
    least_share : float
        Rows that need a flip, as a share.
    offset_near_s : float, optional
        Trace time at which the log's clock reads 0, roughly: it chooses among alignments that
        fit about as well.

    Raises
    ------
    AlignmentError
        There are no flips, far too many, or none that fits two rows.
    """
    if not flip_s.size or flip_s.size > _MOST_FLIPS:
        raise AlignmentError(
            f"found {flip_s.size} flips for {log_s.size} rows of the log. Choose another column, "
            "--edges, --threshold, or a longer --debounce-ms."
        )
    found = find_alignments(log_s, flip_s, within_s, progress)
    if not found:
        raise AlignmentError(
            f"none of {log_s.size} rows fits any of {flip_s.size} flips. Choose another column or "
            "--edges."
        )
    near, tight = tight_rows(found, log_s, flip_s, within_s, step_s)
    found, tight = _ordered(found, tight, offset_near_s)
    best, matched = found[0], found[0].rows
    middle = (log_s[0] + log_s[-1]) / 2
    other = int(np.argmax(tight[1:])) + 1 if len(tight) > 1 else 0
    shift = float(found[other].clock.trace_s(middle) - best.clock.trace_s(middle))
    span = max(float(np.ptp(flip_s)), step_s)
    chance = expected_by_chance(
        log_s.size, matched, flip_s.size, float(np.ptp(log_s)), span, within_s
    )
    told = tight if offset_near_s is None else tight[:1]
    against, notes = reasons_against(
        log_s.size, matched, flip_s.size, told, chance, least_share, shift
    )
    late = residuals(best.clock, log_s, flip_s, best.match)
    return ClockAlignment(
        log_s=log_s, flip_s=flip_s, matched_row=best.match.row, matched_flip=best.match.flip,
        offset_s=best.clock.offset_s, drift=best.clock.drift, residual_s=late,
        jitter_s=float(np.median(np.abs(late - np.median(late)))), within_s=within_s,
        tight_s=near, tight_rows=tight[0], next_rows=max(tight[1:], default=0),
        next_shift_s=shift if other else float("nan"), chance=chance, refused=tuple(against),
        notes=tuple(notes),
    )  # fmt: skip


def _ordered(
    found: list[Alignment], tight: list[int], offset_near_s: float | None
) -> tuple[list[Alignment], list[int]]:
    """The best first: most rows within the narrower tolerance, or nearest to the stated offset.

    An offset chooses among alignments that have 95 % of the most rows [ours].
    """
    places = sorted(range(len(found)), key=lambda each: -tight[each])
    if offset_near_s is not None:
        wanted = offset_near_s
        good = [each for each in places if tight[each] >= 0.95 * max(tight)]
        first = min(good, key=lambda each: abs(found[each].clock.offset_s - wanted))
        places = [first, *(each for each in places if each != first)]
    return [found[each] for each in places], [tight[each] for each in places]


def excerpt(trace: Trace, levels: Levels, made: ClockAlignment) -> TraceExcerpt:
    """The trace around its first matched rows, at most 6000 evenly spaced samples."""
    rows = made.matched_row[:_SHOWN_ROWS]
    times = made.expected_s[rows[[0, -1]]]
    margin = 0.1 * (times[1] - times[0]) + 4 * made.within_s
    grid = trace.seconds(np.array([0.0, trace.samples - 1.0]))
    ends = np.interp([times[0] - margin, times[1] + margin], grid, [0, trace.samples - 1])
    first, last = int(ends[0]), min(int(ends[1]) + 2, trace.samples)
    last = min(last, first + 50_000_000)
    step = max((last - first) // _MOST_SHOWN, 1)
    values = np.asarray(trace.read(first, last), dtype=np.float64)[::step]
    time_s = trace.seconds(np.arange(first, last, step, dtype=np.float64))
    return TraceExcerpt(time_s, values, levels.threshold)


def counted_from(made: ClockAlignment, zero_s: float) -> ClockAlignment:
    """The same alignment with trace time counted from `zero_s`, such as the first frame."""
    return replace(made, flip_s=made.flip_s - zero_s, offset_s=made.offset_s - zero_s)

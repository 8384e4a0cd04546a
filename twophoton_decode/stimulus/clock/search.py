"""All alignments of a log and its flips worth considering, the best first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.progress import Progress, silent
from twophoton_decode.stimulus.clock.fit import (
    Clock,
    Match,
    matched_flips,
    residuals,
    robust_line,
    robust_sd,
)
from twophoton_decode.stimulus.clock.lines import MOST_DRIFT, Lines, joined, refitted

_ROWS = 30
_MOST_LINES = 4000
_LEAST_LINES = 16
_CLIMBS = 40
_NEIGHBOURS = 8


@dataclass(frozen=True)
class Alignment:
    """One way to lay the log over the flips."""

    clock: Clock
    match: Match
    jitter_s: float

    @property
    def rows(self) -> int:
        """How many rows have a flip."""
        return int(self.match.row.size)


def find_alignments(
    log_s: np.ndarray, flip_s: np.ndarray, within_s: float, progress: Progress = silent
) -> list[Alignment]:
    """The best alignment, and others that give the rows other flips, in the order of their fit.

    Offsets are voted for by the differences between all flips and the rows of three stretches
    of 30 rows (start, middle, end), at drifts within ±1 %. What got most votes is fitted
    to twice as many rows at a time, the better half going on. Last, the log is shifted by rows
    against the flips for as long as the fit gets better; the shifts next to the best are
    among the others.

    Parameters
    ----------
    log_s : ndarray, shape (row,)
        Onsets by the log, rising.
    flip_s : ndarray, shape (flip,)
        Flips by the trace, rising.
    within_s : float
        How far a flip may lie from where the line expects it.
    """
    grown: list[Lines] = []
    windows = _windows(log_s.size)
    for done, window in enumerate(windows, start=1):
        grown.append(
            _grow(_votes(log_s[window], flip_s, within_s), log_s, flip_s, window, within_s)
        )
        progress(done, len(windows) + 1, "alignments")
    lines = joined(grown, float(log_s.mean()))
    lines = _climb(lines, log_s, flip_s, within_s)
    progress(len(windows) + 1, len(windows) + 1, "alignments")
    return _different(lines, log_s, flip_s, within_s)


def _windows(rows: int) -> list[slice]:
    starts = sorted({0, max(rows - _ROWS, 0) // 2, max(rows - _ROWS, 0)})
    return [slice(start, min(start + _ROWS, rows)) for start in starts]


def _votes(log_s: np.ndarray, flip_s: np.ndarray, within_s: float) -> Lines:
    """The clocks at which most rows of a stretch have a flip."""
    middle = float(log_s.mean())
    x = log_s - middle
    steps = int(np.ceil(MOST_DRIFT * np.ptp(x) / (2 * within_s)))
    found = []
    for drift in np.linspace(-MOST_DRIFT, MOST_DRIFT, 2 * steps + 1) if steps else [0.0]:
        places = np.sort((flip_s[:, None] - (1 + drift) * x).ravel())
        votes = np.searchsorted(places, places + 2 * within_s, side="right")
        votes = votes - np.arange(places.size)
        cell = np.floor(places / within_s)
        order = np.lexsort((-votes, cell))
        first = order[np.concatenate([[True], np.diff(cell[order]) > 0])]
        drifts = np.full(first.size, float(drift))
        found.append(Lines(middle, places[first] + within_s, drifts, votes[first].astype(float)))
    return joined(found, middle).best(_MOST_LINES)


def _grow(
    lines: Lines, log_s: np.ndarray, flip_s: np.ndarray, window: slice, within_s: float
) -> Lines:
    """Fit the lines to the stretch, then the better half to twice as many rows, until all."""
    first, last, rows = window.start, window.stop, log_s.size
    while True:
        lines = refitted(lines, log_s[first:last], flip_s, within_s)
        lines = _apart(lines, within_s).best(max(lines.score.size // 2, _LEAST_LINES))
        if (first, last) == (0, rows):
            return lines
        more = (last - first + 1) // 2
        first, last = max(first - more, 0), min(last + more, rows)


def _apart(lines: Lines, within_s: float) -> Lines:
    """The best line of each place, where several have come to the same."""
    order = np.argsort(-lines.score, kind="stable")
    cell = np.round(lines.place_s[order] / within_s)
    _, first = np.unique(cell, return_index=True)
    kept = order[np.sort(first)]
    return Lines(lines.at_s, lines.place_s[kept], lines.drift[kept], lines.score[kept])


def _climb(lines: Lines, log_s: np.ndarray, flip_s: np.ndarray, within_s: float) -> Lines:
    """Shift the best line by rows while that makes it better; all lines tried nearby, too."""
    lines = refitted(lines, log_s, flip_s, within_s)
    powers = 2 ** np.arange(int(np.log2(max(log_s.size - 1, 1))) + 1)
    for _ in range(_CLIMBS):
        best = lines.best(1)
        tried = refitted(_shifted(best, log_s, powers), log_s, flip_s, within_s)
        lines = joined([lines, tried], lines.at_s).best(2 * _LEAST_LINES)
        if lines.score.max() <= best.score[0]:
            break
    near = np.arange(1, min(_NEIGHBOURS, log_s.size - 1) + 1)
    tried = refitted(_shifted(lines.best(1), log_s, near), log_s, flip_s, within_s)
    return joined([lines, tried], lines.at_s)


def _shifted(line: Lines, log_s: np.ndarray, rows: np.ndarray) -> Lines:
    """One line, moved by so many rows forwards and backwards."""
    steps = [float(np.median(log_s[row:] - log_s[:-row])) for row in rows.tolist()]
    moves = (1 + line.drift[0]) * np.array([*steps, *(-step for step in steps)])
    same = np.zeros(moves.size)
    return Lines(line.at_s, line.place_s[0] + moves, line.drift[0] + same, same)


def _different(
    lines: Lines, log_s: np.ndarray, flip_s: np.ndarray, within_s: float
) -> list[Alignment]:
    """Each alignment once, with its pairs and its robust line."""
    found: list[Alignment] = []
    ends = np.array([log_s[0], log_s[-1]])
    ordered = lines.best(lines.score.size)
    for candidate in range(ordered.score.size):
        clock = ordered.clock(candidate)
        match = matched_flips(clock, log_s, flip_s, within_s)
        if not match.row.size:
            continue
        clock = robust_line(log_s[match.row], flip_s[match.flip], MOST_DRIFT)
        place = clock.trace_s(ends)
        if any(np.abs(place - each.clock.trace_s(ends)).min() <= within_s for each in found):
            continue
        match = matched_flips(clock, log_s, flip_s, within_s)
        found.append(Alignment(clock, match, robust_sd(residuals(clock, log_s, flip_s, match))))
    return found

"""Traces and a stimulus log become one response per cell and presentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.records.responses import Responses
from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.clock.shift import clock_shift, with_clock_shift
from twophoton_decode.responses.clock.signals import SignalCollector
from twophoton_decode.responses.describe import Measured, describe
from twophoton_decode.responses.evoked import evoked_responses
from twophoton_decode.responses.windows.alignment import PAUSE, Alignment, align
from twophoton_decode.responses.windows.blanks import add_blanks, align_blanks, with_blanks
from twophoton_decode.responses.windows.pauses import pause_advice, timing_notes
from twophoton_decode.responses.windows.reach import said_of_reach
from twophoton_decode.settings import ResponseSettings

Signal = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Signal (roi, frame) of some ROIs, and for each whether it can be used."""

# About 200 MB of float64 sums at a time.
_VALUES_AT_ONCE = 25_000_000


def respond(
    presentations: Presentations,
    picture: np.ndarray,
    image_name: np.ndarray,
    notes: Sequence[str] = (),
    *,
    signal: Signal,
    traces: Traces,
    unit: str,
    settings: ResponseSettings,
    rois: np.ndarray | None = None,
    log_name: str = "stimulus log",
    remedy: str = "",
    image_fold: np.ndarray | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Responses:
    """Evoked responses of the cells among the ROIs, and what they say about themselves.

    Blanks of the log are averaged over the same windows, stored beside the responses, and
    enter no statistics.

    Parameters
    ----------
    presentations : Presentations
    picture : ndarray, shape (image, y, x)
    image_name : ndarray of str, shape (image,)
        The pictures to which ``presentations.image`` refers.
    notes : sequence of str
        What was done to the pictures and the signal, kept in the record.
    signal : callable
        ``signal(rois)`` gives the signal, shape (rois, frames), and which ROIs' signal can
        be used, shape (rois,); the other cells are dropped, counted and named.
    traces : Traces
        Opened, not loaded: only frame times, planes and the choice of cells are read.
    unit : str
        Unit of the signal.
    settings : ResponseSettings
    rois : ndarray of int, optional
        The ROIs to use, instead of those that are classified as cells.
    log_name : str
        The log's name, for messages.
    remedy : str
        What may help cells whose baseline is not safely above zero, for messages.
    image_fold : ndarray of str, shape (image,), optional
        Tier or fold of each picture.
    seed : int
        Of the divisions into halves behind the reliability.
    progress : callable
        Told after each block of cells.

    Raises
    ------
    AlignmentError
        Onsets outside the movie, or no presentation that can be used.
    ResponseError
        No cells, none with a usable baseline, or a signal that is NaN.
    """
    cells = classified_cells(traces) if rois is None else rois
    alignment = with_left_out(
        align(presentations, traces, settings, log_name=log_name), presentations
    )
    blank_onset_s, blanks = align_blanks(presentations, traces, settings)
    collector = SignalCollector(traces)
    response, usable = _evoked(
        cells, with_blanks(alignment, blanks), signal, traces, collector, progress
    )
    _refuse_none_usable(usable, remedy)
    response, in_blanks = np.split(response[:, usable], [alignment.kept.size])
    said = [
        *notes,
        *presentations.notes,
        *_sorting_note(presentations),
        *timing_notes(traces),
        *_exclusion_note(alignment),
        *said_of_reach(presentations, alignment.kept, settings),
        *alignment.pause_notes,
        *_bad_motion_note(alignment),
        *_dropping_note(cells[~usable], cells.size, remedy),
    ]
    measured = _measured(response, cells, usable, presentations, alignment, traces, unit)
    described = describe(
        measured,
        picture,
        image_name,
        settings=settings,
        notes=said,
        image_group=presentations.image_group,
        image_fold=image_fold,
        seed=seed,
    )
    measured_shift = clock_shift(collector.signals(), measured.image, measured.onset_s, settings)
    described = with_clock_shift(described, measured_shift)
    logged = 0 if presentations.blank_onset_s is None else presentations.blank_onset_s.size
    return add_blanks(described, blank_onset_s, in_blanks, measured.roi, logged)


def with_left_out(alignment: Alignment, presentations: Presentations) -> Alignment:
    """The exclusions with those rows of the log that never became presentations, by line."""
    line, reason = presentations.left_out_line, presentations.left_out_reason
    if line is None or reason is None:
        return alignment
    lines = np.concatenate([line, alignment.excluded_line])
    reasons = np.concatenate([reason, alignment.excluded_reason])
    order = np.argsort(lines, kind="stable")
    return replace(alignment, excluded_line=lines[order], excluded_reason=reasons[order])


def _previous(presentations: Presentations, kept: np.ndarray) -> np.ndarray:
    """The image shown before each presentation, -1 where it is not known."""
    if presentations.previous is not None:
        return presentations.previous[kept]
    return np.where(kept > 0, presentations.image[kept - 1], -1)


def classified_cells(traces: Traces) -> np.ndarray:
    """Indices of the ROIs that the classifier, or the user, calls cells.

    Raises
    ------
    ResponseError
        There is none.
    """
    cells = np.flatnonzero(traces.is_cell)
    if not cells.size and traces.imported_from:
        raise ResponseError(
            f"none of the {traces.is_cell.size} ROIs imported from {traces.imported_from} is "
            "classified as a cell. List the ROIs to use as cells_file under [responses]."
        )
    if not cells.size:
        raise ResponseError(
            f"none of the {traces.is_cell.size} ROIs is classified as a cell. Lower "
            "cell_probability under [extraction] in session.toml, or mark cells by hand in "
            "suite2p's GUI, then run extract again."
        )
    return cells


def _measured(
    response: np.ndarray,
    cells: np.ndarray,
    usable: np.ndarray,
    presentations: Presentations,
    alignment: Alignment,
    traces: Traces,
    unit: str,
) -> Measured:
    kept = alignment.kept
    places = np.stack([traces.plane, traces.center_y, traces.center_x], axis=1)
    return Measured(
        response=response,
        image=presentations.image[kept],
        repeat=presentations.repeat[kept],
        onset_s=presentations.onset_s[kept],
        roi=cells[usable],
        unit=unit,
        has_baseline=True,
        previous=_previous(presentations, kept),
        place=places[cells[usable]],
        excluded_line=alignment.excluded_line,
        excluded_reason=alignment.excluded_reason,
        dropped_rois=cells[~usable].tolist(),
    )


def _evoked(
    cells: np.ndarray,
    alignment: Alignment,
    signal: Signal,
    traces: Traces,
    collector: SignalCollector,
    progress: Progress,
) -> tuple[np.ndarray, np.ndarray]:
    """Responses (presentation, cell), NaN where a cell cannot be used, and who can be."""
    response = np.full((alignment.kept.size, cells.size), np.nan)
    usable = np.zeros(cells.size, dtype=bool)
    step = max(1, _VALUES_AT_ONCE // traces.fluorescence.shape[1])
    for start in range(0, cells.size, step):
        block = slice(start, start + step)
        values, usable[block] = signal(cells[block])
        _refuse_unusable_signal(values[usable[block]], cells[block][usable[block]])
        for plane in np.unique(traces.plane[cells[block]]):
            here = usable[block] & (traces.plane[cells[block]] == plane)
            collector.add(values[here], plane)
            response[:, start + np.flatnonzero(here)] = evoked_responses(
                values[here],
                (alignment.baseline.start[plane], alignment.baseline.stop[plane]),
                (alignment.response.start[plane], alignment.response.stop[plane]),
            )
        progress(min(start + step, cells.size), cells.size, "cells")
    return response, usable


def _refuse_none_usable(usable: np.ndarray, remedy: str) -> None:
    if not usable.any():
        raise ResponseError(
            f"all {usable.size} cells have a baseline that is not safely above zero{_may(remedy)}. "
            'Or use another signal, such as signal = "corrected" under [traces], or a lower '
            "neuropil_coefficient."
        )


def _may(remedy: str) -> str:
    return f": {remedy}" if remedy else ""


def _refuse_unusable_signal(values: np.ndarray, rois: np.ndarray) -> None:
    bad = ~np.isfinite(values)
    if bad.any():
        row, frame = np.argwhere(bad)[0]
        raise ResponseError(
            f"the signal of ROI {rois[row]} is NaN or infinite in {bad[row].sum()} frames, the "
            f"first being frame {frame}. Unmark it as a cell, or use another signal."
        )


def _sorting_note(presentations: Presentations) -> list[str]:
    if not presentations.sorted_rows:
        return []
    return [f"{presentations.sorted_rows} rows of the log were out of order and were sorted."]


def _exclusion_note(alignment: Alignment) -> list[str]:
    """How many presentations were left out, by reason."""
    reasons = Counter(alignment.excluded_reason.tolist()).most_common()
    if not reasons:
        return []
    total = alignment.kept.size + alignment.excluded_line.size
    counts = ", ".join(f"{count} × {why}" for why, count in reasons)
    paused = sum(why.endswith(PAUSE) for why in alignment.excluded_reason.tolist())
    return [
        f"{alignment.excluded_line.size} of {total} presentations are left out: {counts}."
        f"{pause_advice(paused, total)}"
    ]


def _bad_motion_note(alignment: Alignment) -> list[str]:
    if not alignment.bad_motion_kept:
        return []
    return [
        f"{alignment.bad_motion_kept} presentations with frames of bad motion in their windows "
        "are used, since exclude_bad_motion = false."
    ]


def _dropping_note(rois: np.ndarray, cells: int, remedy: str) -> list[str]:
    if not rois.size:
        return []
    return [
        f"{rois.size} of {cells} cells are left out, since their baseline is not safely above "
        f"zero: ROIs {', '.join(map(str, rois.tolist()))}{_may(remedy)}."
    ]

"""Responses to blanks, and to pictures that were only expected: no picture was shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twophoton_decode.errors import AlignmentError
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.records.responses import Responses
from twophoton_decode.records.traces import Traces
from twophoton_decode.responses.windows.alignment import Alignment, align
from twophoton_decode.responses.windows.windows import FrameWindow
from twophoton_decode.settings import ResponseSettings
from twophoton_decode.words import true_minus


def align_blanks(
    presentations: Presentations, traces: Traces, settings: ResponseSettings
) -> tuple[np.ndarray, Alignment | None]:
    """Onsets of the blanks that can be used, shape (blank,), and their windows.

    A blank is used where a presentation would be: its windows lie in the movie, hold frames
    and no bad motion.
    """
    onset = presentations.blank_onset_s
    onset = np.array([]) if onset is None else onset
    inside, aligned = _usable(onset, traces, settings)
    return onset[inside], aligned


def usable_expectations(
    presentations: Presentations, traces: Traces, settings: ResponseSettings
) -> np.ndarray:
    """Which rows whose picture was expected can be used, as blanks are; indices of them."""
    onset = presentations.expected_onset_s
    return _usable(np.array([]) if onset is None else onset, traces, settings)[0]


def _usable(
    onset_s: np.ndarray, traces: Traces, settings: ResponseSettings
) -> tuple[np.ndarray, Alignment | None]:
    """Indices of the onsets that can be used, and their windows; None where there are none."""
    inside = np.flatnonzero((onset_s >= 0) & (onset_s < traces.duration_s))
    if not inside.size:
        return inside, None
    try:
        aligned = align(_as_presentations(onset_s[inside]), traces, settings)
    except AlignmentError:
        return inside[:0], None
    return inside[aligned.kept], aligned


def _as_presentations(onset_s: np.ndarray) -> Presentations:
    none = np.zeros(onset_s.size, dtype=np.int64)
    return Presentations(
        image=none,
        repeat=none,
        onset_s=onset_s,
        duration_s=np.full(onset_s.size, np.nan),
        log_line=none,
        image_name=np.array(["blank"]),
        columns={},
        sorted_rows=0,
    )


def with_blanks(alignment: Alignment, blanks: Alignment | None) -> Alignment:
    """The windows of the presentations, then those of the blanks, to be averaged together."""
    if blanks is None:
        return alignment
    return replace(
        alignment,
        kept=np.concatenate([alignment.kept, blanks.kept]),
        baseline=_joined(alignment.baseline, blanks.baseline),
        response=_joined(alignment.response, blanks.response),
    )


def _joined(first: FrameWindow, second: FrameWindow) -> FrameWindow:
    return FrameWindow(
        np.concatenate([first.start, second.start], axis=1),
        np.concatenate([first.stop, second.stop], axis=1),
    )


def add_blanks(
    responses: Responses, onset_s: np.ndarray, response: np.ndarray, roi: np.ndarray, logged: int
) -> Responses:
    """The record with the responses to blanks and a note that compares them.

    Parameters
    ----------
    onset_s : ndarray, shape (blank,)
    response : ndarray, shape (blank, cell)
        Of the cells called `roi`, of which the record may hold some.
    logged : int
        Number of blanks in the log.
    """
    if not logged:
        return responses
    chosen = response[:, np.searchsorted(roi, responses.roi)]
    unused = logged - onset_s.size
    note = f"{onset_s.size} of {logged} blanks can be used" if unused else f"{logged} blanks"
    if onset_s.size:
        in_blanks, shown = (
            true_minus(f"{each.mean():.3g}") for each in (chosen, responses.response)
        )
        note += (
            f": the mean evoked response is {in_blanks} {responses.response_unit} in "
            f"blanks, {shown} in presentations"
        )
    return replace(
        responses,
        blank_onset_s=onset_s if onset_s.size else None,
        blank_response=chosen if onset_s.size else None,
        notes=[*responses.notes, f"{note}."],
    )

"""Onsets in the movie's time, whichever clock the log counts in."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from twophoton_decode.errors import AlignmentError
from twophoton_decode.records.movie.recording import Presentations
from twophoton_decode.records.traces import Traces

Clock = Literal["movie", "microscope"]


def frame_times_in(clock: Clock, traces: Traces) -> np.ndarray | None:
    """When each frame began by `clock`, (frame,) in s; None where frames / rate says it.

    Raises
    ------
    AlignmentError
        The microscope's clock is not known, or begins anew within the movie.
    """
    if clock == "movie":
        return traces.frame_time_s
    return _first_stamp(traces) + traces.began_s(np.arange(traces.bad_frame.size))


def in_movie_time(presentations: Presentations, clock: Clock, traces: Traces) -> Presentations:
    """The presentations with onsets in seconds since the movie's first frame began."""
    if clock == "movie":
        return presentations
    first = _first_stamp(traces)
    others = ("blank_onset_s", "left_out_onset_s", "expected_onset_s")
    known = {name: getattr(presentations, name) for name in others}
    moved = {name: onset - first for name, onset in known.items() if onset is not None}
    return replace(presentations, onset_s=presentations.onset_s - first, **moved)


def clock_note(clock: Clock, traces: Traces) -> list[str]:
    """What is done to the onsets, in words."""
    if clock == "movie":
        return []
    return [
        "onsets are read in the microscope's clock, in which the movie begins at "
        f"{_first_stamp(traces):.6g} s."
    ]


def _first_stamp(traces: Traces) -> float:
    setting = 'onset_clock = "microscope" in [recording] of session.toml'
    advice = 'Let onsets count from the movie\'s first frame, and set onset_clock = "movie".'
    if traces.first_stamp_s is None:
        raise AlignmentError(
            f"{setting}, but the movie's files have no time stamps that can be used, so that "
            f"the microscope's clock is not known. {advice}"
        )
    anew = traces.times.unknown_pause
    if anew.size:
        raise AlignmentError(
            f"{setting}, but the recording restarts at frame {anew[0]}, after a pause of "
            f"unknown length: the microscope's clock is interrupted. {advice}"
        )
    return traces.first_stamp_s

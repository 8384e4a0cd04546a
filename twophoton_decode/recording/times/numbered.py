"""Times of frames from their numbers, where there are no time stamps but frames were dropped."""

from __future__ import annotations

import numpy as np

from twophoton_decode.records import Recording
from twophoton_decode.records.movie.frame_times import FrameTimes

BY_NUMBERS = "frame numbers"


def times_of_places(place: np.ndarray, begins: np.ndarray, rate_hz: float) -> FrameTimes:
    """When frames began, by their places in the acquisition at `rate_hz`.

    Nothing is known where no place is empty, since frames are then evenly spaced, or where the
    rate is 0. How long the pauses before `begins` were is never known.

    Parameters
    ----------
    place : array of int (frame,)
        0, 1, … where nothing is missing, a gap where frames (volumes) were dropped.
    begins : array of int
        Frames at which an acquisition begins.
    """
    unknown = np.asarray(begins)[np.asarray(begins) > 0]
    inside = np.ones(max(place.size - 1, 0), dtype=bool)
    inside[unknown - 1] = False
    missing = np.where(inside, np.diff(place) - 1, 0)
    if not missing.any() or not rate_hz:
        return FrameTimes(unknown_pause=unknown)
    began = (np.arange(place.size) + np.cumsum([0, *missing])) / rate_hz
    return FrameTimes(began, None, unknown, BY_NUMBERS)


def at_rate(recording: Recording, rate_hz: float) -> np.ndarray | None:
    """When frames began, where `rate_hz` counts instead of the rate that the files state.

    Numbers give times only by a rate; time stamps need none.
    """
    began = recording.frame_time_s
    if began is None or recording.source.get("frame_time_s") != BY_NUMBERS:
        return began
    return np.asarray(began * (recording.frame_rate_hz / rate_hz))

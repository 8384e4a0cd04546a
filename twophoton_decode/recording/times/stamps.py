"""Times of frames and planes by the stamps that a microscope writes, or by numbers of frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.records import Recording
from twophoton_decode.records.movie.frame_times import FrameTimes, even_steps
from twophoton_decode.words import counted

BY_NUMBERS = "frame numbers"
_MOST_BACK = 0.1


def times_of_stamps(
    stamp: np.ndarray, begins: Sequence[int] | np.ndarray = (), *, by: str, anew: bool = False
) -> tuple[FrameTimes, list[str]]:
    """When frames began, by their stamps, and why stamps are not used.

    Where stamps run on from one acquisition to the next, the pause between them is known. Where
    they go back they begin anew: the frame counts as the next one, after a pause of unknown
    length. Stamps of which more than a tenth go back within acquisitions are not used [ours].

    Parameters
    ----------
    stamp : array (frame,)
        When each frame began in the microscope's clock, s; NaN where that is not said.
    begins : sequence of int
        Frames at which an acquisition, or a file, begins.
    by : str
        Who wrote the stamps.
    anew : bool
        Whether the clock is known to begin anew with each of `begins`.
    """
    begins = np.asarray(begins, dtype=np.int64)
    begins = begins[begins > 0]
    untimed = FrameTimes(unknown_pause=begins)
    said = np.isfinite(stamp)
    if not said.any():
        return untimed, []
    if not said.all():
        absent = f"{(~said).sum()} of {counted(stamp.size, 'frame')}"
        return untimed, [f"{absent} have no time stamp: the stamps of the others are not used"]
    steps = np.diff(stamp)
    at_begin = np.isin(np.arange(1, stamp.size), begins)
    back = steps <= 0
    if (back & ~at_begin).sum() > _MOST_BACK * steps.size:
        return untimed, ["time stamps of frames do not rise, and are not used"]
    restarted = back | (at_begin & anew)
    borders = np.flatnonzero(restarted) + 1
    usual = _usual_step(steps[~restarted])
    if steps.size and not usual:
        return untimed, ["time stamps of frames do not rise, and are not used"]
    began = _joined(stamp, borders, usual)
    return FrameTimes(began, float(stamp[0]), borders, by), []


def _usual_step(steps: np.ndarray) -> float:
    even = steps[even_steps(steps)]
    return float(np.median(even)) if even.size else 0.0


def _joined(stamp: np.ndarray, borders: np.ndarray, usual: float) -> np.ndarray:
    """Seconds since the first frame, where the clock's new beginnings go on by one usual step."""
    back = stamp[borders - 1] + usual - stamp[borders]
    shift = np.cumsum([-stamp[0], *back])
    return np.asarray(stamp + np.repeat(shift, np.diff([0, *borders, stamp.size])))


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


def mid_times(began: np.ndarray, rate_hz: float) -> np.ndarray | None:
    """Time from the start of a volume to the middle of each plane's frame, (plane,) in s.

    The median over whole volumes of a plane's time minus the first plane's, plus half the
    usual step from plane to plane.

    Parameters
    ----------
    began : array (volume, plane)
        When each frame began, s; NaN where that is not known.
    rate_hz : float
        Volumes per second; 0 where unknown.

    Returns
    -------
    array or None
        None with one plane, and where times do not rise within one volume.
    """
    since = began - began[:, :1]
    whole = since[np.isfinite(since).all(axis=1)]
    if began.shape[1] == 1 or not len(whole) or not rate_hz:
        return None
    begin = np.median(whole, axis=0)
    steps = np.diff(begin)
    if not ((steps > 0).all() and begin[-1] < 1 / rate_hz):
        return None
    return np.asarray(begin + np.median(steps) / 2)

"""Times of frames from the time stamps that a microscope writes, checked before they are used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.records.movie.frame_times import FrameTimes, even_steps
from twophoton_decode.words import counted

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

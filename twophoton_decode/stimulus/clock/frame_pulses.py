"""The microscope's frame clock: when the first frame began, and how frames follow each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import AlignmentError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.movie.frame_times import even_steps
from twophoton_decode.stimulus.clock.flips import choose_flips, find_crossings
from twophoton_decode.stimulus.clock.levels import find_levels
from twophoton_decode.stimulus.clock.trace import Trace


@dataclass(frozen=True)
class FramePulses:
    """Frames by their pulses.

    Attributes
    ----------
    frames : int
    first_s : float
        When the first one begins, by the trace's clock, s.
    rate_hz : float
        Pulses per second, by the mean step, pauses left out.
    pauses_s : ndarray, shape (pause,)
        When frames begin after which none follows within 1.5 of the usual steps, s.
    """

    frames: int
    first_s: float
    rate_hz: float
    pauses_s: np.ndarray


def find_frames(trace: Trace, progress: Progress = silent) -> FramePulses:
    """Frames by the rising flanks of a trace that is high once a frame.

    Raises
    ------
    AlignmentError
        There are fewer than two.
    """
    crossings = find_crossings(trace, find_levels(trace, progress=progress), progress)
    time = choose_flips(crossings, "rising", 0.0)
    if time.size < 2:
        raise AlignmentError(
            f"{trace.name} holds {time.size} pulses of frames; expected one a frame. Choose "
            "another column by --frames-column."
        )
    step = np.diff(time)
    even = even_steps(step)
    # The mean: a median is rounded to whole samples where pulses are steep.
    rate = float(1 / step[even].mean())
    return FramePulses(time.size, float(time[0]), rate, time[:-1][~even])

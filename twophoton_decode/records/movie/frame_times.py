"""When each frame of a movie began, and the gaps in time between frames."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

_LONG_STEP = 1.5


def even_steps(seconds: np.ndarray) -> np.ndarray:
    """Whether each step is positive and at most 1.5 times the median of those that are [ours].

    Parameters
    ----------
    seconds : array (step,)
        Time from a frame to the next; NaN where it is not known.

    Returns
    -------
    array of bool (step,)
    """
    forward = seconds > 0
    if not forward.any():
        return forward
    even: np.ndarray = forward & (seconds <= _LONG_STEP * np.median(seconds[forward]))
    return even


def _no_frames() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Gaps:
    """Where frames do not follow each other at the usual step.

    Attributes
    ----------
    frame : array of int (gap,)
        The first frame after each gap, rising.
    seconds : array (gap,)
        By how much the step to that frame is longer than usual; NaN where it is not known.
    """

    frame: np.ndarray
    seconds: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Whether the length of each gap is known, (gap,)."""
        return np.isfinite(self.seconds)


@dataclass(frozen=True)
class FrameTimes:
    """When the frames of one plane (the volumes) began, as far as the files say.

    Attributes
    ----------
    began_s : array (frame,) or None
        Seconds since the first frame began, rising; None where nothing says that frames are
        unevenly spaced.
    first_stamp_s : float or None
        When the first frame began in the microscope's clock, s; None without time stamps.
    unknown_pause : array of int
        Frames before which the recording paused for a time that is not known; `began_s` goes
        on there as if it had not.
    by : str
        Who says so.
    """

    began_s: np.ndarray | None = None
    first_stamp_s: float | None = None
    unknown_pause: np.ndarray = field(default_factory=_no_frames)
    by: str = ""

    def gaps(self) -> Gaps:
        """Steps longer than 1.5 times the usual one, and pauses of unknown length.

        A late stamp between two that are on time is no gap: the short step beside the long one
        makes up for it [ours].
        """
        unknown = self.unknown_pause
        if self.began_s is None or self.began_s.size < 2:
            return Gaps(unknown, np.full(unknown.size, np.nan))
        steps = np.diff(self.began_s)
        late = steps - np.median(steps)
        beside = np.minimum(np.append(late[1:], 0), np.insert(late[:-1], 0, 0))
        lasting = late + np.minimum(beside, 0) > (_LONG_STEP - 1) * np.median(steps)
        frame = np.union1d(np.flatnonzero(~even_steps(steps) & lasting) + 1, unknown)
        return Gaps(frame, np.where(np.isin(frame, unknown), np.nan, late[frame - 1]))

    def rate_hz(self) -> float:
        """Frames per second, gaps left out; 0 where no times are known."""
        if self.began_s is None or self.began_s.size < 2:
            return 0.0
        whole = np.ones(self.began_s.size - 1, dtype=bool)
        whole[self.gaps().frame - 1] = False
        steps = np.diff(self.began_s)[whole]
        return float(1 / steps.mean()) if steps.size else 0.0

    def end_s(self, frames: int, rate_hz: float) -> float:
        """When the last of `frames` frames ends, s since the first began."""
        return (frames if self.began_s is None else self.began_s[-1] * rate_hz + 1) / rate_hz

    def every(self, images: int, frames: int) -> FrameTimes:
        """Those of `frames` frames, of which each consists of so many successive images."""
        began = None if self.began_s is None else self.began_s[: images * frames : images]
        unknown = np.unique(-(-self.unknown_pause // images))
        return replace(self, began_s=began, unknown_pause=unknown[unknown < frames])

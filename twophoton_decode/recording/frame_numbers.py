"""The number and time that ScanImage writes beside every image."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

_NUMBER = re.compile(r"^(?:frameNumbers|Frame Number) *= *(\d{1,15})\s*$", re.M)
_STAMP = re.compile(
    r"^(?:frameTimestamps_sec|Frame Timestamp\(s\)) *= *(\d{1,12}(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*$",
    re.M,
)
_FEWEST_STAMPS = 20
_LONG_STEP = 1.5


@dataclass(frozen=True)
class FrameNumbers:
    """Which place in the acquisition each frame has, (frame,).

    Attributes
    ----------
    place : array of int
        0, 1, … where nothing is missing; a gap where frames were dropped.
    begins : array of int
        Frames at which the microscope began to count anew; the first is always one.
    dropped : int
        Frames that the gaps amount to.
    rate_hz : float
        Frames per second by the time stamps; 0 without them.
    uneven : bool
        Whether frames with successive numbers are far from equally spaced in time.
    stamp_s : array or None
        (frame,) time stamps; None where there are none.
    """

    place: np.ndarray
    begins: np.ndarray
    dropped: int
    rate_hz: float
    uneven: bool = False
    stamp_s: np.ndarray | None = None


def numbers_and_stamps(texts: Iterable[str]) -> tuple[np.ndarray, np.ndarray] | None:
    """Number and time stamp, s, beside every image; NaN without stamp, None without numbers."""
    numbers, stamps = [], []
    for text in texts:
        text = text.replace("\r", "\n")
        number, stamp = _NUMBER.search(text), _STAMP.search(text)
        if number is None:
            return None
        numbers.append(int(number[1]))
        stamps.append(float(stamp[1]) if stamp else np.nan)
    return np.array(numbers, dtype=np.int64), np.array(stamps)


def place_frames(
    number: np.ndarray, stamp: np.ndarray, slots: int, *, averaged: bool = False
) -> FrameNumbers:
    """Find gaps and new beginnings in the numbers of successive frames, (frame,).

    Averaged frames are numbered in equal steps, so the most frequent step is one frame;
    but in volumes whose flyback was not saved that step may hold several. An acquisition
    that begins anew begins a volume of `slots` images anew.
    """
    step = _usual_step(number) if averaged or slots == 1 else 1
    count = (number - 1) // step
    advance = np.diff(count)
    begins = np.concatenate([[0], np.flatnonzero(advance <= 0) + 1])
    place = count.copy()
    for begin in begins[1:]:
        border = (int(place[begin - 1]) // slots + 1) * slots
        place[begin:] = count[begin:] + border - int(count[begin]) // slots * slots
    whole = advance > 0
    dropped = int((advance[whole] - 1).sum())
    seconds = np.diff(stamp)
    uneven = _uneven(seconds[(advance == 1) & (seconds > 0)])
    rate = _rate(advance, seconds, whole)
    return FrameNumbers(place, begins, dropped, rate, uneven, stamp if rate else None)


def _usual_step(number: np.ndarray) -> int:
    steps = np.diff(number)
    steps = steps[steps > 0]
    if not steps.size:
        return 1
    values, counts = np.unique(steps, return_counts=True)
    return int(values[np.argmax(counts)])


def _uneven(seconds: np.ndarray) -> bool:
    if seconds.size < _FEWEST_STAMPS:
        return False
    usual, long = np.percentile(seconds, [50, 98])
    return bool(long > _LONG_STEP * usual)


def _rate(advance: np.ndarray, seconds: np.ndarray, whole: np.ndarray) -> float:
    """Frames per second over all steps that have a stamp at both ends."""
    timed = whole & (seconds > 0)
    if timed.sum() < _FEWEST_STAMPS or timed.sum() < 0.9 * whole.sum():
        return 0.0
    return float(advance[timed].sum() / seconds[timed].sum())

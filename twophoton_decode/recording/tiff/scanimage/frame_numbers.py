"""The number and time that ScanImage writes beside every image."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.movie.frame_times import even_steps

_WHOLE, _DECIMAL = r"\d{1,15}", r"\d{1,12}(?:\.\d+)?(?:[eE][+-]?\d+)?"


def _beside(matlab: str, json: str, value: str) -> re.Pattern[str]:
    """The pattern of a value beside an image, on a line of its own or in JSON."""
    return re.compile(rf'^(?:{matlab}) *= *({value})\s*$|"{json}" *: *({value})\s*[,}}]', re.M)


_NUMBER = _beside("frameNumbers|Frame Number", "frameNumbers", _WHOLE)
_STAMP = _beside(r"frameTimestamps_sec|Frame Timestamp\(s\)", "frameTimestamps_sec", _DECIMAL)
_ACQUISITION = _beside("acquisitionNumbers", "acquisitionNumbers", _WHOLE)
_NUMBER_WITHIN = _beside("frameNumberAcquisition", "frameNumberAcquisition", _WHOLE)
_FEWEST_STAMPS, _FEW_LONG = 20, 0.02


@dataclass(frozen=True)
class ImageNumbers:
    """What stands beside each image, (image,).

    Attributes
    ----------
    number : array of int
        Number of its frame, from 1 on where an acquisition begins.
    stamp : array
        Time stamp, s; NaN where there is none.
    acquisition : array of int
        Number of its acquisition; 0 where there is none.
    """

    number: np.ndarray
    stamp: np.ndarray
    acquisition: np.ndarray

    def again(self) -> np.ndarray:
        """Whether number and acquisition are those of the image before, (image - 1,)."""
        same: np.ndarray = (np.diff(self.number) == 0) & (np.diff(self.acquisition) == 0)
        return same

    def together(self) -> int:
        """Images that share each number and acquisition, the last few aside; 0 if not as many."""
        begins = np.flatnonzero(np.append(True, ~self.again()))
        runs = np.diff(np.append(begins, self.number.size))
        even = begins.size > 1 and (runs[:-1] == runs[0]).all() and runs[-1] <= runs[0]
        return int(runs[0]) if even else 0

    def frames(self, frames: int, channels: int) -> ImageNumbers | None:
        """Those of frames of so many images each; None where images of one frame differ."""
        number, stamp, acquisition = (
            each[: frames * channels].reshape(frames, channels)
            for each in (self.number, self.stamp, self.acquisition)
        )
        if (number != number[:, :1]).any() or (acquisition != acquisition[:, :1]).any():
            return None
        return ImageNumbers(number[:, 0], stamp[:, 0], acquisition[:, 0])


@dataclass(frozen=True)
class FrameNumbers:
    """Which place in the acquisition each frame has, (frame,).

    Attributes
    ----------
    place : array of int
        0, 1, … where nothing is missing; a gap where frames were dropped.
    begins : array of int
        Frames at which an acquisition began; the first is always one.
    dropped : int
        Frames that the gaps amount to.
    rate_hz : float
        Frames per second by the time stamps, gaps in time left out; 0 without them.
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


def image_numbers(texts: Iterable[str]) -> ImageNumbers | None:
    """What stands beside each of one or more images; None where one has no number."""
    found = []
    for text in texts:
        text = text.replace("\r", "\n")
        number = _found(_NUMBER, text)
        if not number:
            return None
        rest = [_found(pattern, text) for pattern in (_STAMP, _ACQUISITION, _NUMBER_WITHIN)]
        found.append((int(number), float(rest[0] or "nan"), int(rest[1] or 0), int(rest[2] or 0)))
    numbers, stamps, acquisition, within = (np.array(each) for each in zip(*found, strict=True))
    return ImageNumbers(_numbers_within(numbers, acquisition, within), stamps, acquisition)


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return (match[1] or match[2]) if match else ""


def _numbers_within(number: np.ndarray, acquisition: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Numbers of frames that begin anew with each acquisition.

    ScanImage's LOOP counts frames on through all acquisitions, and in each of them as well.
    The latter number is taken where both count alike.
    """
    same = np.diff(acquisition) == 0
    alike = (np.diff(number) == np.diff(within))[same].all() and (within > 0).all()
    return within if alike else number


def place_frames(found: ImageNumbers, slots: int, *, averaged: bool = False) -> FrameNumbers:
    """Find gaps and new beginnings in the numbers of successive frames.

    Averaged frames are numbered in equal steps, so the most frequent step is one frame;
    but in volumes whose flyback was not saved that step may hold several. An acquisition
    begins where numbers do not rise, or that of the acquisition changes; it begins a volume
    of `slots` images anew.
    """
    number, stamp = found.number, found.stamp
    step = _usual_step(number) if averaged or slots == 1 else 1
    count = (number - 1) // step
    advance = np.diff(count)
    begun = (advance <= 0) | (np.diff(found.acquisition) != 0)
    begins = np.concatenate([[0], np.flatnonzero(begun) + 1])
    place = count + np.repeat(_shifts(count, begins, slots), np.diff([*begins, count.size]))
    dropped = int((advance[~begun] - 1).sum())
    seconds = np.diff(stamp)
    uneven = _uneven(seconds[~begun & (advance == 1) & (seconds > 0)])
    # Acquisitions of a single volume are a time lapse: what lies between them is its period.
    lapse = begins.size == np.unique(place // slots).size
    run = np.cumsum([0, *(begun & (not lapse))])
    rate = _rate(place, stamp, run, slots)
    begins = begins[:1] if lapse and rate else begins
    stamped = stamp if np.isfinite(stamp).any() else None
    return FrameNumbers(place, begins, dropped, rate, uneven, stamped)


def _usual_step(number: np.ndarray) -> int:
    steps = np.diff(number)
    steps = steps[steps > 0]
    if not steps.size:
        return 1
    values, counts = np.unique(steps, return_counts=True)
    return int(values[np.argmax(counts)])


def _shifts(count: np.ndarray, begins: np.ndarray, slots: int) -> list[int]:
    """What to add to the numbers of each acquisition so that it begins the next volume."""
    shifts = [0]
    for begin in begins[1:]:
        border = ((int(count[begin - 1]) + shifts[-1]) // slots + 1) * slots
        shifts.append(border - int(count[begin]) // slots * slots)
    return shifts


def _uneven(seconds: np.ndarray) -> bool:
    return seconds.size >= _FEWEST_STAMPS and bool((~even_steps(seconds)).mean() > _FEW_LONG)


def _rate(place: np.ndarray, stamp: np.ndarray, run: np.ndarray, slots: int) -> float:
    """Frames per second, gaps in time left out.

    From volume to volume, by the slot of most frames: within a volume frames need not be
    evenly spaced. A step over missing frames counts as so many. `run` numbers acquisitions.
    """
    slot = place % slots
    chosen = slot == np.bincount(slot).argmax()
    advance, seconds = np.diff(place[chosen]), np.diff(stamp[chosen])
    whole = np.diff(run[chosen]) == 0
    timed = whole & (seconds > 0)
    if advance[timed].sum() < _FEWEST_STAMPS or timed.sum() < 0.9 * whole.sum():
        return 0.0
    advance, seconds = advance[timed], seconds[timed]
    even = even_steps(seconds / advance)
    return float(advance[even].sum() / seconds[even].sum())

"""What the grey levels of frames are like, learned while the frames go by."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.words import in_percent

_FEWEST_BITS = 8
_MANY_SATURATED = 1e-3


@dataclass
class LevelRange:
    """Range of finite grey levels, and how many lie where a digitiser can go no higher.

    Attributes
    ----------
    lowest, highest : float
        inf and -inf before anything was seen.
    whole_numbers : bool
    pixels : int
    at_highest : int
        Pixels at `highest`, where that is a digitiser's ceiling; else 0.
    """

    lowest: float = np.inf
    highest: float = -np.inf
    whole_numbers: bool = True
    pixels: int = 0
    at_highest: int = 0

    def see(self, levels: np.ndarray) -> None:
        """Take in finite `levels` of any shape, at least one."""
        highest = float(levels.max())
        if highest > self.highest:
            self.highest, self.at_highest = highest, 0
        if highest == self.highest and is_ceiling(highest):
            self.at_highest += int(np.count_nonzero(levels == levels.dtype.type(highest)))
        self.lowest = min(self.lowest, float(levels.min()))
        self.pixels += levels.size
        if levels.dtype.kind == "f":
            self.whole_numbers = self.whole_numbers and bool((levels == np.rint(levels)).all())

    @property
    def saturated(self) -> float:
        """Share of pixels at the highest level of a digitiser [ours].

        That is 2^n - 1, or 2^15 - 1 for signed ones, where no level above it was seen.
        """
        return self.at_highest / self.pixels if self.pixels else 0.0


@dataclass
class GreyLevels(LevelRange):
    """The range of levels of some frames, blank ones, and whether they differ at all."""

    frames: int = 0
    blank_frames: int = 0
    changes: bool = False
    _first: np.ndarray | None = field(default=None, repr=False)

    def see_frames(self, frames: np.ndarray) -> None:
        """Take in (frames, height, width); levels that are not finite do not count."""
        self._first = frames[0].copy() if self._first is None else self._first
        self.changes = self.changes or bool((frames != self._first).any())
        self.frames += len(frames)
        self.blank_frames += int(blank(frames).sum())
        levels = frames
        if frames.dtype.kind == "f" and not (finite := np.isfinite(frames)).all():
            levels = frames[finite]
        if levels.size:
            self.see(levels)

    @property
    def oddities(self) -> list[str]:
        """What is odd about them, in words."""
        return oddities(self.frames, self.blank_frames, self.saturated, self.highest)


def is_ceiling(level: float) -> bool:
    """Whether a digitiser of at least eight bits can go no higher."""
    above = int(level) + 1 if level == int(level) and level > 0 else 0
    return above >= 2**_FEWEST_BITS and above & (above - 1) == 0


def blank(frames: np.ndarray) -> np.ndarray:
    """Which of `frames`, (frames, height, width), have the same level everywhere."""
    pixels = frames.reshape(len(frames), -1)
    same: np.ndarray = pixels.min(axis=1) == pixels.max(axis=1)
    return same


def oddities(frames: int, blank_frames: int, saturated: float, highest: float) -> list[str]:
    """What is odd about grey levels, in words."""
    share = in_percent(saturated, 2)
    found = {
        f"{share} of pixels are saturated at {highest:g}": saturated > _MANY_SATURATED,
        f"{blank_frames} of {frames} frames are blank": bool(blank_frames),
    }
    return [text for text, odd in found.items() if odd]

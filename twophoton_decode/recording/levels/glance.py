"""A look at the pixels of a movie before hours are spent on it: some frames, streamed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.frames import read_chosen, select
from twophoton_decode.recording.levels.line_offset import LineOffset
from twophoton_decode.recording.levels.range import GreyLevels
from twophoton_decode.records import Recording

_CHUNK_BYTES = 50_000_000
_FRAMES_FOR_LINES = 200


@dataclass
class Look(GreyLevels):
    """What is seen in evenly spaced frames of one plane and channel, both counted from 0.

    Attributes
    ----------
    unfinite_frames : int
        Frames with NaN or infinite pixels.
    lines : LineOffset
        How far every second line lies beside the others, by some of the frames.
    total, finite : ndarray, shape (height, width)
        Sum and number of the finite levels of each pixel.
    """

    plane: int = 0
    channel: int = 0
    unfinite_frames: int = 0
    lines: LineOffset = field(default_factory=LineOffset)
    total: np.ndarray | float = 0.0
    finite: np.ndarray | int = 0

    def see_frames(self, frames: np.ndarray) -> None:
        """Take in the next frames, (frames, height, width)."""
        super().see_frames(frames)
        finite = np.isfinite(frames)
        self.unfinite_frames += int((~finite.all(axis=(1, 2))).sum())
        self.total = self.total + np.where(finite, frames, 0).sum(axis=0, dtype=np.float64)
        self.finite = self.finite + finite.sum(axis=0)

    @property
    def mean(self) -> np.ndarray:
        """Mean image (height, width), NaN where a pixel was never finite."""
        return np.where(self.finite, self.total / np.maximum(self.finite, 1), np.nan)

    @property
    def constant(self) -> bool:
        """Whether all of several frames are the same."""
        return self.frames > 1 and not self.changes


def look(
    recording: Recording, plane: int, channel: int, *, most_frames: int, progress: Progress = silent
) -> Look:
    """Look at `most_frames` evenly spaced frames of one plane and channel, or all if fewer.

    Raises
    ------
    MovieError
        A frame cannot be decoded; there is no such plane or channel.
    """
    one = select(recording, plane, channel)
    count = min(most_frames, one.frames)
    chosen = np.linspace(0, one.frames - 1, count).round().astype(np.int64)
    size = max(1, _CHUNK_BYTES // (one.height * one.width * np.dtype(one.dtype).itemsize))
    seen = Look(plane=plane, channel=channel)
    every = -(-count // _FRAMES_FOR_LINES)
    for frames in read_chosen(one, chosen, size):
        seen.lines.see(frames[-seen.frames % every :: every])
        seen.see_frames(frames)
        progress(seen.frames, count, "frames inspected")
    return seen

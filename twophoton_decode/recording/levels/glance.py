"""A look at the pixels of a movie before hours are spent on it: some frames, streamed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.progress import Progress, silent
from twophoton_decode.recording.frames import read_chosen, select
from twophoton_decode.recording.levels.line_offset import LineOffset
from twophoton_decode.recording.levels.range import LevelRange, blank
from twophoton_decode.records import Recording

_CHUNK_BYTES = 50_000_000
_FRAMES_FOR_LINES = 200


@dataclass(frozen=True)
class Look:
    """What was seen in evenly spaced frames of one plane and channel.

    Attributes
    ----------
    plane, channel : int
        Counted from 0.
    frames : int
        How many were looked at.
    mean : array (height, width)
        Mean image in grey levels, NaN where a pixel was never finite.
    lowest, highest : float
        Range of the finite grey levels.
    whole_numbers : bool
        Whether all of them are.
    saturated : float
        Share of pixels at the highest level of a digitiser; see `LevelRange`.
    blank_frames, unfinite_frames : int
        Frames in which all pixels are the same; frames with NaN or infinite pixels.
    constant : bool
        Whether all frames looked at are the same.
    lines : LineOffset
        How far every second line lies beside the others, by some of the frames.
    """

    plane: int
    channel: int
    frames: int
    mean: np.ndarray
    lowest: float
    highest: float
    whole_numbers: bool
    saturated: float
    blank_frames: int
    unfinite_frames: int
    constant: bool
    lines: LineOffset


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
    seen = _Seen(np.zeros((one.height, one.width)), np.zeros((one.height, one.width), np.int64))
    every = -(-count // _FRAMES_FOR_LINES)
    for frames in read_chosen(one, chosen, size):
        seen.lines.see(frames[-seen.frames % every :: every])
        seen.see(frames)
        progress(seen.frames, count, "frames inspected")
    return seen.look(plane, channel)


@dataclass
class _Seen:
    """What is added up while the frames go by."""

    total: np.ndarray
    finite: np.ndarray
    frames: int = 0
    blank: int = 0
    unfinite: int = 0
    constant: bool = True
    first: np.ndarray | None = None
    levels: LevelRange = field(default_factory=LevelRange)
    lines: LineOffset = field(default_factory=LineOffset)

    def see(self, frames: np.ndarray) -> None:
        self.first = frames[0] if self.first is None else self.first
        self.constant = self.constant and bool((frames == self.first).all())
        self.frames += len(frames)
        finite = np.isfinite(frames)
        self.unfinite += int((~finite.all(axis=(1, 2))).sum())
        self.blank += int(blank(frames).sum())
        self.total += np.where(finite, frames, 0).sum(axis=0, dtype=np.float64)
        self.finite += finite.sum(axis=0)
        if finite.any():
            self.levels.see(frames[finite] if not finite.all() else frames)

    def look(self, plane: int, channel: int) -> Look:
        return Look(
            plane=plane,
            channel=channel,
            frames=self.frames,
            mean=np.where(self.finite > 0, self.total / np.maximum(self.finite, 1), np.nan),
            lowest=self.levels.lowest,
            highest=self.levels.highest,
            whole_numbers=self.levels.whole_numbers,
            saturated=self.levels.saturated,
            blank_frames=self.blank,
            unfinite_frames=self.unfinite,
            constant=self.constant and self.frames > 1,
            lines=self.lines,
        )

"""One plane of a recording as suite2p gets it: 16 bits, lines in register, two channels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from twophoton_decode.recording.frames import read_chosen
from twophoton_decode.recording.levels.line_offset import shift_lines
from twophoton_decode.records import IntensityMapping, Recording


@dataclass(frozen=True)
class PlaneMovie:
    """Frames of one plane, a few in memory at a time.

    Parameters
    ----------
    functional, structural : Recording
        Each of one plane and one channel; there need not be a structural one.
    mapping : IntensityMapping
        Brings grey levels to int16.
    line_offset : int
        By how many pixels every second line is shifted back.
    """

    functional: Recording
    structural: Recording | None
    mapping: IntensityMapping
    line_offset: int = 0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Frames, rows, columns."""
        return self.functional.frames, self.functional.height, self.functional.width

    def sample(self, frames: np.ndarray) -> np.ndarray:
        """The frames numbered `frames` of the functional channel, int16 (n, y, x)."""
        read = read_chosen(self.functional, frames, len(frames))
        return np.concatenate([self._levels(part) for part in read])

    def chunks(self, start: int, size: int) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """All frames from `start` on, at most `size` at a time, int16 (n, y, x): those of the
        functional channel, and those of the structural one or None.
        """
        wanted = np.arange(start, self.functional.frames)
        functional = read_chosen(self.functional, wanted, size)
        if self.structural is None:
            yield from ((self._levels(frames), None) for frames in functional)
            return
        structural = read_chosen(self.structural, wanted, size)
        for frames, other in zip(functional, structural, strict=True):
            yield self._levels(frames), self._levels(other)

    def _levels(self, frames: np.ndarray) -> np.ndarray:
        levels = self.mapping.levels(frames)
        return shift_lines(levels, self.line_offset) if self.line_offset else levels

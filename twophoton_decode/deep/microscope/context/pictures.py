"""What is seen of one plane over its registered movie: mean, maximum and correlation.

Frames are averaged in bins of the indicator's time, where noise is least in the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from twophoton_decode.progress import Progress, silent

MOST_BINS = 1500
SATURATED = 32767
"""Largest level of a registered movie, which has 16 bits with a sign."""
_AT_ONCE_VALUES = 16_000_000
_SMOOTH_PX = 1.0
_DRIFT_BINS = 60


@dataclass(frozen=True, eq=False)
class BinnedMovie:
    """A registered movie, opened, not read; frames come averaged in bins.

    Parameters
    ----------
    file : Path
        ``data.bin`` of suite2p: int16, frame after frame.
    shape : tuple of int
        Rows and columns.
    width : int
        Frames that are averaged.
    seen : tuple of slice
        Rows and columns that are in view throughout.
    """

    file: Path
    shape: tuple[int, int]
    width: int
    seen: tuple[slice, slice]

    @property
    def frames(self) -> np.ndarray:
        """All frames, (frame, y, x), on disk."""
        movie = np.memmap(self.file, np.int16, "r")
        return movie.reshape(-1, *self.shape)

    @property
    def bins(self) -> int:
        """Whole bins; frames left over at the end are dropped."""
        return len(self.frames) // self.width

    def in_chunks(self) -> Iterator[np.ndarray]:
        """Bins, some at a time: float32, (bins, y, x)."""
        frames = self.frames
        step = max(1, _AT_ONCE_VALUES // (self.width * frames[0].size))
        for start in range(0, self.bins, step):
            stop = min(start + step, self.bins)
            block = np.asarray(frames[start * self.width : stop * self.width], np.float32)
            yield block.reshape(stop - start, self.width, *self.shape).mean(axis=1)


def bin_width(frames: int, rate_hz: float, decay_s: float) -> int:
    """Frames in half a decay of the indicator, or more where bins would be too many."""
    return max(1, round(decay_s * rate_hz / 2), -(-frames // MOST_BINS))


@dataclass(frozen=True, eq=False)
class PlanePictures:
    """Pictures of one plane.

    Attributes
    ----------
    picture : ndarray, shape (3, y, x)
        Mean, maximum above the mean, and mean correlation with neighbours; NaN outside the
        view.
    saturated : ndarray of bool, shape (y, x)
        Whether a pixel stands at the largest level in a tenth of the bins, or more.
    """

    picture: np.ndarray
    saturated: np.ndarray


def plane_pictures(movie: BinnedMovie, progress: Progress = silent) -> PlanePictures:
    """Read the movie once, and make its pictures."""
    sums = _Sums(movie.shape)
    done = 0
    for block in movie.in_chunks():
        sums.add(block)
        done += len(block)
        progress(done, movie.bins, "bins looked at")
    picture = np.full((3, *movie.shape), np.nan)
    rows, columns = movie.seen
    picture[:, rows, columns] = sums.pictures()[:, rows, columns]
    return PlanePictures(picture, sums.saturated / max(sums.count, 1) >= 0.1)


class _Sums:
    """What is kept while the movie passes: no more than some pictures."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self.count = self.differences = 0
        self.total = np.zeros(shape)
        self.largest = np.full(shape, -np.inf, np.float32)
        self.square = np.zeros(shape)
        self.with_next = {step: np.zeros(shape) for step in ((0, 1), (1, 0))}
        self.saturated = np.zeros(shape, np.int64)
        self.level: np.ndarray | None = None

    def add(self, block: np.ndarray) -> None:
        self.count += len(block)
        self.total += block.sum(axis=0)
        self.saturated += (block >= SATURATED - 1).sum(axis=0)
        smooth = gaussian_filter(block, (0, _SMOOTH_PX, _SMOOTH_PX))
        for frame, plain in zip(smooth, block, strict=True):
            if self.level is None:
                self.level, self.slow = frame.copy(), plain.copy()
            # A slow mean follows drift and bleaching, so that only events stand out.
            self.level += (frame - self.level) / _DRIFT_BINS
            self.slow += (plain - self.slow) / _DRIFT_BINS
            np.maximum(self.largest, frame - self.level, out=self.largest)
            above = plain - self.slow
            self.square += above**2
            for (down, right), sums in self.with_next.items():
                sums += above * np.roll(above, (-down, -right), (0, 1))

    def pictures(self) -> np.ndarray:
        """Mean, maximum and correlation, (3, y, x)."""
        spread = np.sqrt(np.maximum(self.square, 1e-12))
        correlation = np.zeros(self.total.shape)
        for step, sums in self.with_next.items():
            forward = sums / (spread * np.roll(spread, (-step[0], -step[1]), (0, 1)))
            correlation += (forward + np.roll(forward, step, (0, 1))) / 4
        return np.stack([self.total / self.count, self.largest, correlation])

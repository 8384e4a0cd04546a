"""What is decoded: the frames of clips, and the signal at each, showing by showing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

ROWS_AT_ONCE = 2000
"""Frames whose responses are laid out with all their lags at the same time."""


@dataclass(frozen=True, eq=False)
class Clips:
    """The frames that are decoded, as rows of pixels.

    Attributes
    ----------
    pixels : ndarray, shape (clips, frames, pixels), float32
        0 beyond a clip's end.
    frames : ndarray of int, shape (clips,)
        How many frames each clip has.
    shape : (int, int)
        Rows and columns of a frame.
    content : ndarray of int, shape (clips,)
        Clips with equal numbers have one source, or show nearly the same.
    part : ndarray of int, shape (clips,)
        What belongs together shares a part. The first `folds` parts are tested in turn, by fits to
        all others; further ones only train.
    folds : int
    rate_hz : float
    """

    pixels: np.ndarray
    frames: np.ndarray
    shape: tuple[int, int]
    content: np.ndarray
    part: np.ndarray
    folds: int
    rate_hz: float

    @property
    def parts(self) -> int:
        """Number of parts."""
        return int(self.part.max()) + 1


@dataclass(frozen=True, eq=False)
class Showings:
    """When clips were shown: one row each.

    Attributes
    ----------
    clip : ndarray of int, shape (showings,)
    shown : ndarray of bool, shape (showings, frames)
        Frames that were shown while cells were recorded; the others count nowhere.
    """

    clip: np.ndarray
    shown: np.ndarray

    @cached_property
    def nearest(self) -> np.ndarray:
        """For every frame the nearest one that was shown, (showings, frames), ties to the first."""
        place = np.arange(self.shown.shape[1])
        away = np.abs(place[:, None] - place).astype(float)
        return np.stack([np.where(row, away, np.inf).argmin(axis=1) for row in self.shown])

    def of(self, clips: np.ndarray) -> np.ndarray:
        """The showings of some clips, given as (clips,) bool."""
        return np.flatnonzero(clips[self.clip] & self.shown.any(axis=1))

    def frames_with(self, clips: Clips, chosen: np.ndarray) -> np.ndarray:
        """Pixels of the frames of some showings, (showings, frames, pixels)."""
        return clips.pixels[self.clip[chosen]]


@dataclass(frozen=True, eq=False)
class Signal:
    """A signal at every frame, and how it is laid out with lags.

    Attributes
    ----------
    response : array, shape (showings, frames, cells)
        In memory, or opened.
    showings : Showings
    basis : ndarray, shape (cells, components), or None
        What cells are summarised by, where they are too many.
    """

    response: np.ndarray
    showings: Showings
    basis: np.ndarray | None = None

    @property
    def columns(self) -> int:
        """Cells, or what they are summarised by."""
        return int(self.response.shape[2] if self.basis is None else self.basis.shape[1])

    def of(self, showing: int) -> np.ndarray:
        """One showing, (frames, columns); frames that were not shown have the nearest one's."""
        rows = np.asarray(self.response[showing], dtype=np.float32)
        rows = rows[self.showings.nearest[showing]]
        return rows if self.basis is None else rows @ self.basis

    def lagged(self, showing: int, lags: tuple[int, ...]) -> np.ndarray:
        """Responses `lags` frames after each frame, beside each other, (frames, lags × columns).

        Beyond the ends of a clip stands the response to its first or last frame.
        """
        rows = self.of(showing)
        frame = np.arange(len(rows))
        parts = [rows[np.clip(frame + lag, 0, len(rows) - 1)] for lag in lags]
        return np.concatenate(parts, axis=1)

    def blocks(
        self, chosen: np.ndarray, lags: tuple[int, ...]
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Some showings a few at a time: their numbers, and what `lagged` gives, stacked."""
        step = max(1, ROWS_AT_ONCE // self.response.shape[1])
        for first in range(0, len(chosen), step):
            some = chosen[first : first + step]
            yield some, np.stack([self.lagged(int(each), lags) for each in some])

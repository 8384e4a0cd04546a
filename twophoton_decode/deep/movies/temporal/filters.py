"""Every spatial frequency of decoded clips filtered over time, as training clips taught it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import fft

from twophoton_decode.deep.movies.showings import Clips, Showings

MOST_CYCLES = 10
"""Frequencies up to so many cycles in a picture are kept; ridge decodes none beyond."""
REACH_S = (0.6, 0.3)
"""How far, before and after each frame, filters reach: of what one lag gave, and several."""
PENALTY = 0.1
"""Ridge penalty on how far a filter is from that of all frequencies together, as a share of the
mean eigenvalue of its inputs: few clips cannot tell frequencies apart."""
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Filters:
    """For each spatial frequency a filter over time of several decoded clips [ours].

    A Wiener filter: coarse patterns, which cells tell well, are hardly smoothed, fine ones much.

    Attributes
    ----------
    reach : tuple of int
        Frames before and after, for each decoded clip that goes in.
    weights : ndarray, shape (frequencies, taps)
        Taps of one input after those of another.
    mean : ndarray, shape (pixels,)
        The mean training frame, about which filters work.
    shape : (int, int)
    """

    reach: tuple[int, ...]
    weights: np.ndarray
    mean: np.ndarray
    shape: tuple[int, int]

    def __call__(self, inputs: Sequence[np.ndarray]) -> np.ndarray:
        """One clip (frames, pixels), of the same clip decoded in several ways."""
        taps = _taps(inputs, self.reach, self.mean, self.shape)
        found = (self.weights[:, None] @ taps)[:, 0]
        return _pixels(found.T, self.shape) + self.mean.astype(np.float32)


@dataclass(frozen=True, eq=False)
class FilterSums:
    """Sums over the frames of some showings that filters are solved from.

    Attributes
    ----------
    reach, shape
        As `Filters` has them.
    squares, products : ndarray, shapes (frequencies, taps, taps) and (frequencies, taps, 1)
    """

    reach: tuple[int, ...]
    shape: tuple[int, int]
    squares: np.ndarray
    products: np.ndarray

    @classmethod
    def of(
        cls,
        inputs: Sequence[np.ndarray],
        chosen: np.ndarray,
        mean: np.ndarray,
        showings: Showings,
        clips: Clips,
    ) -> Self:
        """The sums over some showings.

        Parameters
        ----------
        inputs : sequence of ndarray, shape (showings, frames, pixels)
            Training clips decoded by fits that had not seen them.
        chosen : ndarray of int
            The showings.
        mean : ndarray, shape (pixels,)
            The mean frame of what they were decoded by.
        """
        reach = tuple(
            round(seconds * clips.rate_hz) for seconds, _ in zip(REACH_S, inputs, strict=True)
        )
        taps, frequencies = sum(2 * far + 1 for far in reach), int(np.prod(_kept(clips.shape)))
        squares = np.zeros((frequencies, taps, taps))
        products = np.zeros((frequencies, taps, 1))
        for showing in chosen.tolist():
            shown = showings.shown[showing]
            rows = _taps([each[showing] for each in inputs], reach, mean, clips.shape)[..., shown]
            true = clips.pixels[showings.clip[showing]][shown] - mean
            squares += rows @ rows.transpose(0, 2, 1)
            products += rows @ _frequencies(true, clips.shape).T[..., None]
        return cls(reach, clips.shape, squares, products)

    def __add__(self, other: FilterSums) -> FilterSums:
        squares, products = self.squares + other.squares, self.products + other.products
        return FilterSums(self.reach, self.shape, squares, products)

    def filters(self, mean: np.ndarray) -> Filters:
        """What brings these clips nearest to those shown, by least squares, about `mean`."""
        count = self.squares.shape[1]
        size = np.trace(self.squares, axis1=1, axis2=2) / count
        together = self.squares.sum(axis=0) + max(PENALTY * size.mean(), TINY) * np.eye(count)
        shared = np.linalg.solve(together, self.products.sum(axis=0))
        penalty = np.maximum(PENALTY * size, TINY)[:, None, None]
        held = self.squares + penalty * np.eye(count)
        weights = np.linalg.solve(held, self.products + penalty * shared)
        return Filters(self.reach, weights[..., 0].astype(np.float32), mean, self.shape)


def _taps(
    inputs: Sequence[np.ndarray],
    reach: Sequence[int],
    mean: np.ndarray,
    shape: tuple[int, int],
) -> np.ndarray:
    """Each frequency at the frames around each frame, (frequencies, taps, frames)."""
    found = []
    for video, far in zip(inputs, reach, strict=True):
        rows = _frequencies(video - mean, shape).T
        frame = np.arange(rows.shape[1])
        found += [rows[:, np.clip(frame + by, 0, len(frame) - 1)] for by in range(-far, far + 1)]
    return np.stack(found, axis=1)


def _kept(shape: tuple[int, int]) -> tuple[int, int]:
    return min(shape[0], 2 * MOST_CYCLES), min(shape[1], 2 * MOST_CYCLES)


def _frequencies(frames: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Cosine transform of frames (frames, pixels), low frequencies only, (frames, frequencies)."""
    rows, columns = _kept(shape)
    found = fft.dctn(frames.reshape(-1, *shape).astype(np.float32), axes=(1, 2), norm="ortho")
    return np.asarray(found[:, :rows, :columns].reshape(len(frames), -1))


def _pixels(frequencies: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The way back, (frames, pixels)."""
    rows, columns = _kept(shape)
    whole = np.zeros((len(frequencies), *shape), dtype=np.float32)
    whole[:, :rows, :columns] = frequencies.reshape(-1, rows, columns)
    return np.asarray(fft.idctn(whole, axes=(1, 2), norm="ortho").reshape(len(whole), -1))

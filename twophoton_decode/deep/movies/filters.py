"""Every spatial frequency of decoded clips filtered over time, as training clips taught it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def learned(
    inputs: Sequence[np.ndarray],
    training: np.ndarray,
    showings: Showings,
    clips: Clips,
    mean: np.ndarray,
) -> Filters:
    """The filters that bring training clips nearest to what was shown, by least squares.

    Parameters
    ----------
    inputs : sequence of ndarray, shape (showings, frames, pixels)
        Training clips decoded by fits that had not seen them.
    training : ndarray of int
        The showings that train.
    mean : ndarray, shape (pixels,)
        The mean training frame.
    """
    reach = tuple(
        round(seconds * clips.rate_hz) for seconds, _ in zip(REACH_S, inputs, strict=True)
    )
    squares: np.ndarray | float = 0.0
    products: np.ndarray | float = 0.0
    for showing in training.tolist():
        shown = showings.shown[showing]
        taps = _taps([each[showing] for each in inputs], reach, mean, clips.shape)[..., shown]
        true = clips.pixels[showings.clip[showing]][shown] - mean
        wanted = _frequencies(true, clips.shape).T[..., None]
        squares = squares + taps @ taps.transpose(0, 2, 1)
        products = products + taps @ wanted
    squares, products = np.asarray(squares, float), np.asarray(products, float)
    count = squares.shape[1]
    size = np.trace(squares, axis1=1, axis2=2) / count
    together = squares.sum(axis=0) + PENALTY * size.mean() * np.eye(count)
    shared = np.linalg.solve(together, products.sum(axis=0))
    penalty = np.maximum(PENALTY * size, 1e-12)[:, None, None]
    weights = np.linalg.solve(squares + penalty * np.eye(count), products + penalty * shared)
    return Filters(reach, weights[..., 0].astype(np.float32), mean, clips.shape)


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

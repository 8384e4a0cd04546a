"""Ridge from sums over frames: what folds add up to is summed once, and solved often."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from twophoton_decode.deep.movies.showings import Clips, Signal

TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over frames of responses x (with their lags) and pixels y.

    Attributes
    ----------
    frames : int
    x, y : ndarray, shapes (columns,) and (pixels,)
    xx, xy : ndarray, shapes (columns, columns) and (columns, pixels)
    """

    frames: int
    x: np.ndarray
    y: np.ndarray
    xx: np.ndarray
    xy: np.ndarray

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.frames + other.frames,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.xy + other.xy,
        )


@dataclass(frozen=True, eq=False)
class LinearMap:
    """Pixels as offset + x @ weights, with weights (columns, pixels)."""

    weights: np.ndarray
    offset: np.ndarray

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Pixels (…, pixels) of lagged responses (…, columns)."""
        return np.asarray(rows @ self.weights + self.offset)


def moments_of(signal: Signal, clips: Clips, chosen: np.ndarray, lags: tuple[int, ...]) -> Moments:
    """The sums over the frames of some showings, a block of them at a time, in single precision.

    Parameters
    ----------
    chosen : ndarray of int, shape (showings,)
    lags : tuple of int
        Frames from a picture to the response.
    """
    columns, pixels = signal.columns * len(lags), clips.pixels.shape[2]
    xx, xy = np.zeros((columns, columns)), np.zeros((columns, pixels))
    x, y, frames = np.zeros(columns), np.zeros(pixels), 0
    for some, rows in signal.blocks(chosen, lags):
        held = signal.showings.shown[some]
        a, b = rows[held], signal.showings.frames_with(clips, some)[held]
        xx += a.T @ a
        xy += a.T @ b
        x += a.sum(axis=0, dtype=float)
        y += b.sum(axis=0, dtype=float)
        frames += len(a)
    return Moments(frames, x, y, xx.astype(np.float32), xy.astype(np.float32))


class Ridge:
    """Ridge regression of pixels on responses, each column scaled to SD 1, from `Moments`.

    The penalty of a strength s is s times the mean eigenvalue of the scaled second moments, so
    that strengths mean the same whatever the number of cells and lags.
    """

    def __init__(self, sums: Moments) -> None:
        self.frames = max(sums.frames, 1)
        self.x, self.y = sums.x / self.frames, sums.y / self.frames
        covariance = sums.xx.astype(float) / self.frames - np.outer(self.x, self.x)
        sd = np.sqrt(np.maximum(np.diag(covariance), 0))
        self.scale = np.divide(1.0, sd, out=np.zeros_like(sd), where=sd > TINY)
        self.covariance = covariance * self.scale * self.scale[:, None]
        shared = sums.xy / self.frames - np.outer(self.x, self.y)
        self.shared = shared * self.scale[:, None]

    def fit(self, strength: float, pixels: np.ndarray | slice = slice(None)) -> LinearMap:
        """The fit for some pixels."""
        penalty = strength * max(float(np.trace(self.covariance)) / len(self.x), TINY)
        held = self.covariance + penalty * np.eye(len(self.x))
        factor = linalg.cho_factor(held, overwrite_a=True, check_finite=False)
        solved = linalg.cho_solve(factor, self.shared[:, pixels], check_finite=False)
        weights = solved * self.scale[:, None]
        offset = self.y[pixels] - self.x @ weights
        return LinearMap(weights.astype(np.float32), offset.astype(np.float32))

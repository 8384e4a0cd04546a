"""Lag, strength and smoothing, chosen on training clips that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.movies.parts import FoldSums, Lags, sums_of_folds
from twophoton_decode.deep.movies.showings import Clips, Signal
from twophoton_decode.deep.movies.smoothing import SMOOTHING_S, smoothed

STRENGTHS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
MOST_PIXELS = 128
"""Pixels, evenly spread, on which choices are made."""


@dataclass(frozen=True)
class Choice:
    """What was chosen for one fold: lags in frames, strength, and SD of smoothing in frames."""

    lags: Lags
    strength: float
    smoothing: float


@dataclass(frozen=True, eq=False)
class Tried:
    """Mean video_r of held-out training clips for several sets of lags.

    Attributes
    ----------
    lags : list of tuple of int
    smoothing : tuple of float
        SD, in frames; the first is 0.
    score : ndarray, shape (folds, lags, strengths, smoothing)
    """

    lags: list[Lags]
    smoothing: tuple[float, ...]
    score: np.ndarray

    def best(self, *, smooth: bool, only: Lags | None = None) -> list[Choice]:
        """The best choice of each fold, with or without smoothing, among all lags or for one."""
        places = [p for p, each in enumerate(self.lags) if only is None or each == only]
        columns = len(self.smoothing) if smooth else 1
        found = []
        for table in self.score[:, places, :, :columns]:
            lag, strength, sd = np.unravel_index(int(np.argmax(table)), table.shape)
            chosen = self.lags[places[lag]], STRENGTHS[strength], self.smoothing[sd]
            found.append(Choice(*chosen))
        return found

    @property
    def highest(self) -> np.ndarray:
        """The score of the best choice of each fold, smoothed or not, (folds,)."""
        return np.asarray(self.score.reshape(len(self.score), -1).max(axis=1))


def tried(signal: Signal, clips: Clips, lags: Sequence[Lags], seed: int) -> Tried:
    """Every strength and smoothing with every set of lags, inside the training clips of folds."""
    smoothing = tuple(sd * clips.rate_hz for sd in SMOOTHING_S)
    score = [
        [inner_scores(sums, smoothing) for sums in sums_of_folds(signal, clips, each, seed)]
        for each in lags
    ]
    return Tried(list(lags), smoothing, np.array(score).swapaxes(0, 1))


def inner_scores(sums: FoldSums, smoothing: Sequence[float]) -> np.ndarray:
    """Mean video_r of the part that chooses, by fits to the others, (strengths, smoothing)."""
    signal, held = sums.signal, sums.showings(sums.choosing)
    inner = sums.ridge(sums.choosing)
    pixels = slice(None, None, -(-sums.clips.pixels.shape[2] // MOST_PIXELS))
    maps = [inner.fit(strength, pixels) for strength in STRENGTHS]
    scores = np.zeros((len(STRENGTHS), len(smoothing)))
    for some, rows in signal.blocks(held, sums.lags):
        true = signal.showings.frames_with(sums.clips, some)[..., pixels] - inner.y[pixels]
        shown = signal.showings.shown[some]
        for place, fitted in enumerate(maps):
            made = fitted(rows) - inner.y[pixels].astype(np.float32)
            scores[place] += [_summed_r(smoothed(made, sd), true, shown) for sd in smoothing]
    return scores / max(1, len(held))


def _summed_r(made: np.ndarray, true: np.ndarray, shown: np.ndarray) -> float:
    """Sum over showings of r over all pixels of the frames that were shown."""
    weight = shown[..., None] / np.maximum(shown.sum(axis=1), 1)[:, None, None] / made.shape[2]
    a, b = (
        np.where(shown[..., None], each - (weight * each).sum(axis=(1, 2), keepdims=True), 0.0)
        for each in (made, true)
    )
    size = np.sqrt((a**2).sum(axis=(1, 2)) * (b**2).sum(axis=(1, 2)))
    together = (a * b).sum(axis=(1, 2))
    return float(np.divide(together, size, out=np.zeros_like(together), where=size > 0).sum())

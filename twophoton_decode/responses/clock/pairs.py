"""Sums over pairs of presentations, those of one image above all, without a table of pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

_SAME_IMAGE = 0.7
"""Weight of repeats of one image; all pairs of presentations share the rest [ours]."""


@dataclass(frozen=True)
class Pairs:
    """Weights of pairs of presentations, symmetric, 0 where their windows could overlap.

    Attributes
    ----------
    member : csr_array, shape (image, presentation)
        1 where the presentation shows the image.
    near : csr_array, shape (presentation, presentation)
        Weights that pairs would have which are too near in time.
    same, every : float
        Weight of a pair of one image, and of any pair.
    """

    member: csr_array
    near: csr_array
    same: float
    every: float

    @classmethod
    def of(cls, image: np.ndarray, onset_s: np.ndarray, window_s: float) -> Pairs:
        """Of presentations in order of their onsets; those within `window_s` are no pair."""
        count = image.size
        _, kind, shown = np.unique(image, return_inverse=True, return_counts=True)
        member = csr_array((np.ones(count, np.float32), (kind, np.arange(count))))
        repeats = float((shown[kind] - 1).mean())
        same = _SAME_IMAGE / repeats if repeats else 0.0
        every = (1 - _SAME_IMAGE * bool(repeats)) / count
        last = np.searchsorted(onset_s, onset_s + window_s, side="right")
        first = np.searchsorted(onset_s, onset_s - window_s, side="left")
        row = np.repeat(np.arange(count), last - first)
        column = np.concatenate([np.arange(*ends) for ends in zip(first, last, strict=True)])
        weight = every + same * (kind[row] == kind[column])
        near = csr_array((weight.astype(np.float32), (row, column)), shape=(count, count))
        return cls(member, near, same, every)

    def others(self, values: np.ndarray) -> np.ndarray:
        """Weighted sum over each presentation's partners, both (presentation, …)."""
        flat = values.reshape(len(values), -1)
        alike = self.member.T @ (self.same * (self.member @ flat))
        found = alike + self.every * flat.sum(axis=0) - self.near @ flat
        return np.asarray(found).reshape(values.shape)

    def agreement(self, signal: np.ndarray) -> np.ndarray:
        """How far each presentation's signal agrees with its partners', (presentation, cell).

        `signal` is (presentation, lag, cell).
        """
        return np.asarray((self.others(signal) * signal).sum(axis=1))

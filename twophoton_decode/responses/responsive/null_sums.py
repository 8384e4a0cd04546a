"""How large a sum over repeats would be if the cell did not respond: its own presentations.

Scores of a cell's presentations are put into 384 equal bins. The distribution of a sum over
T of them is the T-fold convolution of their histogram, by Fourier transforms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BINS = 384
_SMALLEST_P = 1e-15


@dataclass(frozen=True)
class NullSums:
    """The distribution of a sum of `repeats` binned scores, for each cell.

    Attributes
    ----------
    chance : ndarray, shape (cell, repeats · BINS + 1)
        Probability of each sum.
    repeats : int
    """

    chance: np.ndarray
    repeats: int

    @classmethod
    def of(cls, bins: np.ndarray, kept: np.ndarray, repeats: int) -> NullSums:
        """From the presentations that are kept for each cell, both (presentation, cell)."""
        cells = bins.shape[1]
        flat = (bins + np.arange(cells) * (BINS + 1))[kept]
        count = np.bincount(flat, minlength=cells * (BINS + 1)).reshape(cells, BINS + 1)
        single = count / count.sum(axis=1, keepdims=True)
        length = repeats * BINS + 1
        # Room for the whole convolution, so that nothing wraps around.
        padded = 1 << (length - 1).bit_length()
        together = np.fft.irfft(np.fft.rfft(single, padded, axis=1) ** repeats, padded, axis=1)
        chance = np.maximum(together[:, :length], 0.0)
        return cls(chance / chance.sum(axis=1, keepdims=True), repeats)

    @property
    def mean(self) -> np.ndarray:
        """Expected sum, (cell,)."""
        return np.asarray(self.chance @ np.arange(self.chance.shape[1]))

    def tail(self, sums: np.ndarray, widening: float = 1.0) -> np.ndarray:
        """P of a sum at least as large as each of `sums`, (row, cell), and at least 1e-15.

        `widening` is by how much sums spread farther than independent repeats would let them;
        what exceeds the expected sum is divided by it.
        """
        mean = self.mean
        if widening != 1.0:
            sums = np.floor(mean + (sums - mean) / widening).astype(np.int64)
        at = np.clip(sums, 0, self.chance.shape[1] - 1)
        p = np.take_along_axis(self._above, at.T, axis=1).T
        return np.clip(p, _SMALLEST_P, 1.0)

    def quantile(self, share: float) -> np.ndarray:
        """The smallest sum whose cumulative probability reaches `share`, (cell,)."""
        return np.asarray((np.cumsum(self.chance, axis=1) < share).sum(axis=1))

    def smallest_significant(self, p: float) -> np.ndarray:
        """The smallest sum with a tail of at most `p`, (cell,); one beyond the largest if none."""
        return np.asarray((self._above > p).sum(axis=1))

    @property
    def _above(self) -> np.ndarray:
        return np.cumsum(self.chance[:, ::-1], axis=1)[:, ::-1]

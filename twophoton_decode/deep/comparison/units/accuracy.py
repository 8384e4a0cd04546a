"""Correlation over any blocks of pictures for every unit, from sums that are taken once."""

from __future__ import annotations

import numpy as np

SMALLEST_VARIANCE = 1e-9


class BlockSums:
    """Sums over the pictures of every part of a session, for all units of a layer.

    A part is a block, or those of its pictures that some session shares. Correlations over
    parts follow from 1, x, y, x², y² and xy summed over each.

    Parameters
    ----------
    decoded, truth : ndarray, shape (images, units)
        Standardised, so that sums of squares lose nothing.
    part : ndarray of int, shape (images,)
    parts : int
    """

    def __init__(
        self, decoded: np.ndarray, truth: np.ndarray, part: np.ndarray, parts: int
    ) -> None:
        self.belongs = (np.arange(parts)[:, None] == part).astype(np.float32)
        self.decoded = decoded
        self.count = np.bincount(part, minlength=parts).astype(float)
        self.of_decoded = self._summed(decoded), self._summed(decoded**2)
        self.of_truth = self._summed(truth), self._summed(truth**2)
        self.product = self._summed(decoded * truth)

    def exchanged(self, truth: np.ndarray) -> BlockSums:
        """The same if other pictures had been shown, (images, units)."""
        other = object.__new__(BlockSums)
        other.__dict__ |= self.__dict__
        other.of_truth = self._summed(truth), self._summed(truth**2)
        other.product = self._summed(self.decoded * truth)
        return other

    def correlation(self, weight: np.ndarray) -> np.ndarray:
        """Pearson's r of every unit over the parts that count, (choices, units).

        0 where decoded or true features are constant.

        Parameters
        ----------
        weight : ndarray, shape (choices, parts)
            1 for the parts that count, 0 for others.
        """
        weight = weight.astype(float)
        n = np.maximum(weight @ self.count, 1)[:, None]
        (x, xx), (y, yy) = (
            [weight @ each / n for each in sums] for sums in (self.of_decoded, self.of_truth)
        )
        spread = np.maximum(xx - x * x, 0) * np.maximum(yy - y * y, 0)
        covariance = weight @ self.product / n - x * y
        known = spread > SMALLEST_VARIANCE**2
        return np.divide(covariance, np.sqrt(spread), out=np.zeros_like(covariance), where=known)

    def _summed(self, values: np.ndarray) -> np.ndarray:
        return (self.belongs @ values).astype(float)

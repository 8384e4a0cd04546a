"""Weights that mix the targets of training, kept as a product of two thin matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


class Centring:
    """Responses less the mean training response.

    The last responses are remembered with their difference, so that whoever asks again for
    the same array gets the same array.

    Parameters
    ----------
    mean : ndarray, shape (cells,)
    """

    def __init__(self, mean: np.ndarray) -> None:
        self.mean = mean
        self._last: tuple[np.ndarray, np.ndarray] | None = None

    def __call__(self, response: np.ndarray) -> np.ndarray:
        """Responses (…, cells) less the mean."""
        # Read and written as one, since several threads may ask.
        last = self._last
        if last is None or response is not last[0]:
            last = self._last = (response, response - self.mean)
        return last[1]


class Basis:
    """Directions among the cells, shape (cells, directions), that several mixtures share.

    Responses are projected on them once, however many mixtures read them: the last
    responses are remembered with their projection.
    """

    def __init__(self, directions: np.ndarray) -> None:
        self.directions = directions
        self._last: tuple[np.ndarray, np.ndarray] | None = None

    def project(self, response: np.ndarray) -> np.ndarray:
        """Responses (…, cells) along the directions, shape (…, directions)."""
        # Read and written as one, since several threads may ask.
        last = self._last
        if last is None or response is not last[0]:
            last = self._last = (response, response @ self.directions)
        return last[1]


@dataclass(frozen=True, eq=False)
class ThinWeights:
    """The matrix ``basis.directions @ share``, (cells, targets), never formed.

    ``thin @ targets`` are the weights of targets (targets, features), and ``response @
    thin`` says how much of each target a response (…, cells) calls up.
    """

    basis: Basis
    share: np.ndarray

    # numpy then leaves `response @ mixture` to __rmatmul__.
    __array_ufunc__ = None

    def __matmul__(self, targets: np.ndarray) -> np.ndarray:
        return self.basis.directions @ (self.share @ targets)

    def __rmatmul__(self, response: np.ndarray) -> np.ndarray:
        return self.basis.project(response) @ self.share

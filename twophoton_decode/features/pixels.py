"""Pixels as features: the identity, so a decoder predicts every pixel by itself."""

from __future__ import annotations

import numpy as np


class FeatureSpace:
    """Each pixel is a feature (docs/methods/features.md).

    Parameters
    ----------
    picture_shape : (int, int)
        Height and width of the pictures; kept as they are.
    """

    name = "pixels"

    def __init__(self, picture_shape: tuple[int, int]) -> None:
        self.shape = (int(picture_shape[0]), int(picture_shape[1]))
        self.count = self.shape[0] * self.shape[1]

    def prepare(self, pictures: np.ndarray) -> np.ndarray:
        """The pictures themselves, shape (n, y, x), float64."""
        return np.asarray(pictures, dtype=float)

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Flattened pictures, shape (n, pixels)."""
        return np.asarray(pictures, dtype=float).reshape(len(pictures), self.count)

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Pictures from their pixels, shape (n, y, x)."""
        return np.asarray(features, dtype=float).reshape(len(features), *self.shape)

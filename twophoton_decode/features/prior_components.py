"""The directions along which natural images vary most, as uncorrelated features."""

from __future__ import annotations

import numpy as np

from twophoton_decode.features._natural_prior import natural_components

COMPONENTS = 100
"""Features per picture [ours]."""


class FeatureSpace:
    """Leading eigenvectors of a natural-image covariance with a 1/f² spectrum [ours].

    The components are orthonormal, so the way back is their transpose and what they leave
    out of a picture is what cannot be decoded (the feature ceiling). Over natural images
    they are uncorrelated and their variance falls over three decades: a decoder may
    treat each on its own.

    Parameters
    ----------
    picture_shape : (int, int)
        Height and width of the pictures, which are kept. Pictures of at most 100 pixels
        have one feature fewer than pixels.
    """

    name = "prior-components"

    def __init__(self, picture_shape: tuple[int, int]) -> None:
        self.shape = (int(picture_shape[0]), int(picture_shape[1]))
        self.components, self.variance = natural_components(self.shape, COMPONENTS)
        self.count = len(self.components)

    @property
    def decoding_matrix(self) -> np.ndarray:
        """The components, shape (features, pixels)."""
        return self.components

    def prepare(self, pictures: np.ndarray) -> np.ndarray:
        """The pictures themselves, shape (n, y, x), float64."""
        return np.asarray(pictures, dtype=float)

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """What each picture has of each component, shape (n, features)."""
        rows: np.ndarray = np.asarray(pictures, dtype=float).reshape(len(pictures), -1)
        return rows @ self.components.T

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Pictures from their components, shape (n, y, x)."""
        rows: np.ndarray = np.asarray(features, dtype=float) @ self.components
        return rows.reshape(-1, *self.shape)

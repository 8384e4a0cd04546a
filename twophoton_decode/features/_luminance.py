"""Mean luminance as one more feature, for spaces whose features do not show it."""

from __future__ import annotations

import numpy as np

from twophoton_decode.features import LinearFeatures


class WithLuminance:
    """The features of another space, followed by the mean pixel of the picture.

    For decoders that decode luminance by itself: R does not see it, CD does.

    Parameters
    ----------
    pattern : LinearFeatures
        A space in which a uniform picture has no features, and whose pictures have mean zero.
    """

    def __init__(self, pattern: LinearFeatures) -> None:
        self.pattern = pattern
        self.name = pattern.name
        self.shape = pattern.shape
        self.count = pattern.count + 1

    def prepare(self, pictures: np.ndarray) -> np.ndarray:
        """As the other space has them."""
        return self.pattern.prepare(pictures)

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Features of prepared pictures, the mean luminance last, shape (n, features)."""
        rows = np.asarray(pictures, dtype=float).reshape(len(pictures), -1)
        return np.column_stack([self.pattern.encode(pictures), rows.mean(axis=1)])

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Pictures from features: the pattern, plus the luminance everywhere, (n, y, x)."""
        features = np.asarray(features, dtype=float)
        return self.pattern.decode(features[:, :-1]) + features[:, -1, None, None]


def shows_luminance(space: LinearFeatures) -> bool:
    """Whether anything of a uniform picture comes back through the features."""
    uniform = np.ones((1, *space.shape))
    return bool(np.abs(space.decode(space.encode(uniform))).max() > 1e-6)

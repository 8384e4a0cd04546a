"""Feature spaces under names of their own, as `tp.features` offers them.

They take pictures of any size that the space can be brought to, and say what does not fit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.errors import UsageError
from twophoton_decode.features import gabor, pixels, prior_components


class _Named:
    """Made from the shape of the pictures, and shown by it."""

    def __init__(self, picture_shape: tuple[int, int]) -> None:
        self._given = _height_and_width(picture_shape)
        # The space that stands behind this class takes the shape.
        super().__init__(self._given)  # type: ignore[call-arg]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._given})"


class Pixels(_Named, pixels.FeatureSpace):
    """Every pixel is a feature.

    Parameters
    ----------
    picture_shape : (int, int)
        Height and width of the pictures, px.

    Examples
    --------
    >>> import numpy as np
    >>> space = tp.features.Pixels((8, 8))
    >>> space.encode(np.ones((3, 8, 8))).shape
    (3, 64)
    >>> space.decode(np.ones((3, 64))).shape
    (3, 8, 8)
    """

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Features of pictures (n, y, x), shape (n, pixels)."""
        return super().encode(_pictures(self, pictures, self.shape))

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Pictures from features (n, pixels), shape (n, y, x)."""
        return super().decode(_features(self, features))


class Gabor(_Named, gabor.FeatureSpace):
    """1248 Gabor filters over a picture of 32 × 32 px, as many as in the paper.

    Parameters
    ----------
    picture_shape : (int, int)
        Height and width of the pictures, px; they are brought to 32 × 32 px.

    Examples
    --------
    >>> import numpy as np
    >>> space = tp.features.Gabor((64, 64))
    >>> features = space.encode(np.random.default_rng(0).random((3, 64, 64)))
    >>> features.shape
    (3, 1248)
    >>> space.decode(features).shape
    (3, 32, 32)
    """

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Filter responses to pictures (n, y, x), shape (n, 1248)."""
        known = (self.picture_shape, self.shape)
        return super().encode(self.prepare(_pictures(self, pictures, *known)))

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Pictures from features (n, 1248), shape (n, 32, 32); without mean luminance."""
        return super().decode(_features(self, features))


class PriorComponents(_Named, prior_components.FeatureSpace):
    """The 100 directions along which natural images vary most, as uncorrelated features.

    Parameters
    ----------
    picture_shape : (int, int)
        Height and width of the pictures, px. Small pictures have one feature fewer than pixels.

    Examples
    --------
    >>> import numpy as np
    >>> space = tp.features.PriorComponents((16, 16))
    >>> space.encode(np.ones((3, 16, 16))).shape
    (3, 100)
    """

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """What each picture (n, y, x) has of each component, shape (n, features)."""
        return super().encode(_pictures(self, pictures, self.shape))

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Pictures from features (n, features), shape (n, y, x)."""
        return super().decode(_features(self, features))


class _ShapeError(UsageError, ValueError):
    """What numpy's users expect to be a ValueError."""


def _height_and_width(picture_shape: Any) -> tuple[int, int]:
    shape = np.asarray(picture_shape)
    if shape.shape != (2,) or not np.issubdtype(shape.dtype, np.integer) or shape.min() < 1:
        raise _ShapeError(
            f"picture_shape must be height and width in pixels, such as pictures.shape[1:], found "
            f"{picture_shape!r}."
        )
    return int(shape[0]), int(shape[1])


def _pictures(space: Any, pictures: Any, *shapes: tuple[int, int]) -> np.ndarray:
    values = np.asarray(pictures, dtype=float)
    if values.ndim != 3 or values.shape[1:] not in [tuple(shape) for shape in shapes]:
        expected = " or ".join(f"(n, {height}, {width})" for height, width in dict.fromkeys(shapes))
        raise _ShapeError(
            f"{space!r} encodes pictures of the shape {expected}, found {values.shape}."
        )
    return values


def _features(space: Any, features: Any) -> np.ndarray:
    values = np.asarray(features, dtype=float)
    if values.ndim != 2 or values.shape[1] != space.count:
        raise _ShapeError(
            f"{space!r} decodes features of the shape (n, {space.count}), found {values.shape}."
        )
    return values

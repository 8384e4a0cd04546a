"""Feature spaces: a picture as a vector of features, and back."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np


class LinearFeatures(Protocol):
    """What a feature space offers; the class `FeatureSpace` of each file here, or a plug-in.

    Encoding and decoding are linear: ``encode(a + b) = encode(a) + encode(b)``, and
    likewise ``decode``.
    """

    name: str
    shape: tuple[int, int]
    count: int

    def __init__(self, picture_shape: tuple[int, int]) -> None: ...

    def prepare(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures (n, y, x) at the shape that the space works at."""
        ...

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Features of prepared pictures, shape (n, features)."""
        ...

    def decode(self, features: np.ndarray) -> np.ndarray:
        """Pictures from features, shape (n, y, x)."""
        ...


@runtime_checkable
class KnownVariance(Protocol):
    """A space that declares: its features are uncorrelated over natural images.

    `variance` (features,) is their variance, up to a common factor.
    """

    variance: np.ndarray


def problems(space: Any) -> list[str]:
    """What a class lacks to be a feature space, in words; nothing if it is one."""
    methods = ("prepare", "encode", "decode")
    return [
        f"it has no method {name}" for name in methods if not callable(getattr(space, name, None))
    ]

"""Feature spaces: a picture as a vector of features, and back.

``tp.features`` offers `Pixels`, `Gabor` and `PriorComponents`, made for pictures of one shape:
``encode(pictures)`` gives features, ``decode(features)`` pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from twophoton_decode.features._named import Gabor, Pixels, PriorComponents

__all__ = ["Gabor", "LinearFeatures", "Pixels", "PriorComponents"]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """The named spaces load when they are used: the registry lists names without them."""
        if name in ("Gabor", "Pixels", "PriorComponents"):
            from twophoton_decode.features import _named

            return getattr(_named, name)
        raise AttributeError(f"no feature space is called {name!r}", name=name)


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

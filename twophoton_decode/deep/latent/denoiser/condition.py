"""What a denoiser is told of a picture: a few directions of a network's last layer.

c are the first principal components of the layer's units over the training pictures, each at
SD 1. Decoded from cells, c is partly wrong, and a denoiser that has met only true conditions
would believe it. So in training each component becomes ρ c + √(1 − ρ²) n, which has SD 1
again, and the network is told the best guess, ρ times that, and ρ [ours]. In decoding, ρ is
the correlation of decoded and true components on training images that were left out, and
decoded components have SD 1 over them: the same relation. ρ = 0 everywhere says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

MOST_COMPONENTS = 64
_PICTURES_PER_COMPONENT = 4
_NOTHING = 1e-6


@dataclass(frozen=True, eq=False)
class Components:
    """Directions among the units of a layer.

    Attributes
    ----------
    mean : ndarray of float32, shape (units,)
    direction : ndarray of float32, shape (units, components)
        Divided by the components' standard deviations.
    """

    mean: np.ndarray
    direction: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> Self:
        """The largest ones of features (pictures, units): at most one for every four pictures."""
        mean = features.mean(axis=0)
        _, size, axes = np.linalg.svd(features - mean, full_matrices=False)
        varying = int(np.count_nonzero(size > _NOTHING * size[0])) if size.size else 0
        count = min(MOST_COMPONENTS, len(features) // _PICTURES_PER_COMPONENT, varying)
        direction = axes[:count].T / (size[:count] / np.sqrt(len(features)))
        return cls(mean.astype(np.float32), direction.astype(np.float32))

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.direction.shape[1])

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Components (n, components) of features (n, units)."""
        return np.asarray((features - self.mean) @ self.direction, dtype=np.float32)


def told(components: np.ndarray, reliability: np.ndarray) -> np.ndarray:
    """What the network is given, (n, 2 components): best guesses, and how good each is.

    Parameters
    ----------
    components : ndarray, shape (n, components)
        With SD 1, right or decoded.
    reliability : ndarray, shape (components,) or (n, components)
        ρ, from 0 (says nothing) to 1.
    """
    reliability = np.broadcast_to(reliability, components.shape)
    guess = reliability * components
    return np.concatenate([guess, reliability], axis=1).astype(np.float32)


def corrupted(components: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """`told` of components that are made partly wrong, for training.

    ρ² is a product of two even random numbers, one for the example and one for the component; ρ is
    0 in one example of ten.
    """
    n, count = components.shape
    reliability = np.sqrt(rng.random((n, 1)) * rng.random((n, count)))
    reliability[rng.random(n) < 0.1] = 0
    noise = rng.normal(size=components.shape)
    wrong = reliability * components + np.sqrt(1 - reliability**2) * noise
    return told(wrong, reliability)

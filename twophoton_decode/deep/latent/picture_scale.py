"""Between a generator's pictures, from 0 to 1, and those that the session's features are of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from twophoton_decode.features import LinearFeatures
from twophoton_decode.stimulus.enlarging import enlarged
from twophoton_decode.stimulus.pictures import area_weights

_CLOSE = 0.9
"""Share of the features' variance that the generator's pictures, made small, have to explain."""


@dataclass(frozen=True, eq=False)
class PictureScale:
    """A pixel of the session = `slope` times the generator's, averaged over its area, + `offset`.

    Fitted to features of training pictures by least squares: sessions store pictures in any
    units, and some features show no luminance.
    """

    space: LinearFeatures
    slope: float
    offset: float
    side: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, space: LinearFeatures, features: np.ndarray, finer: np.ndarray) -> Self:
        """From features (n, features) of training pictures, these being (n, 3, side, side)."""
        made = space.encode(averaged(finer, space.shape))
        uniform = np.broadcast_to(space.encode(np.ones((1, *space.shape))), made.shape)
        columns = np.stack([made.ravel(), uniform.ravel()], axis=1)
        (slope, offset), *_ = np.linalg.lstsq(columns, np.ravel(features), rcond=1e-9)
        error = np.var(np.ravel(features) - columns @ (slope, offset))
        explained = 1 - error / (np.var(features) or 1.0)
        notes = () if explained > _CLOSE else (
            f"the pictures of {finer.shape[-1]} px explain {explained:.0%} of the features of the "
            "session's own only: what is made of them suits its pictures as little.",
        )  # fmt: skip
        return cls(space, float(slope), float(offset), finer.shape[-1], notes)

    def features(self, finer: np.ndarray) -> np.ndarray:
        """Features (n, features) of pictures (n, 3, side, side)."""
        small = averaged(finer, self.space.shape)
        return self.space.encode(self.slope * small + self.offset)

    def enlarged(self, small: np.ndarray) -> np.ndarray:
        """Pictures (n, 3, side, side), grey and cut to 0 … 1, of small ones (n, y, x)."""
        large = np.stack([enlarged(each[None], self.side)[0] for each in small.clip(0, 1)])
        return np.repeat(large[:, None], 3, axis=1).astype(np.float32)

    def of_features(self, features: np.ndarray) -> np.ndarray:
        """The same of features (n, features), by the space's own pictures."""
        slope = self.slope or 1.0
        return self.enlarged((self.space.decode(features) - self.offset) / slope)


def averaged(finer: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Grey, averaged over areas, (n, y, x), of pictures (n, 3, side, side)."""
    down, across = (area_weights(finer.shape[-1], size) for size in shape)
    return np.asarray(down @ finer.mean(axis=1, dtype=float) @ across.T)

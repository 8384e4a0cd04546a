"""Responses to a generator's code: where it starts, and what is known of it beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import varying_units
from twophoton_decode.deep.comparison.decoding.feature_decoding import (
    CONSTANT,
    FoldDecoder,
    LayerDecoder,
)
from twophoton_decode.deep.latent.matching import Moments

LOOKED_AT = 48
"""Training pictures, left out, on which codes are compared with the true ones."""
LEAST_LEFT = 0.05
"""Share of a code's variance that counts as unknown at least."""

Encode = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class ShapedReadout:
    """Ridge from responses to arrays of any shape.

    Attributes
    ----------
    mean : ndarray, shape (1, …)
        Over training pictures.
    unit : ndarray of int
        Places, laid out in a row, that vary over them.
    decoder : LayerDecoder
    """

    mean: np.ndarray
    unit: np.ndarray
    decoder: LayerDecoder

    @classmethod
    def fit(cls, part: FoldDecoder, values: np.ndarray) -> ShapedReadout:
        """Of arrays (training pictures, …)."""
        rows = values.reshape(len(values), -1)
        unit = np.flatnonzero(varying_units(rows))
        return cls(values.mean(axis=0, keepdims=True), unit, part.fit(rows[:, unit]))

    def deviation(self, R: np.ndarray) -> np.ndarray:
        """Predicted minus mean, (n, …), of responses (n, cells)."""
        return self._laid_out(self.decoder.predicted(R))

    def left_out(self, part: FoldDecoder) -> np.ndarray:
        """The same of training pictures by fits without them, (training pictures, …)."""
        return self._laid_out(part.left_out(self.decoder))

    def _laid_out(self, units: np.ndarray) -> np.ndarray:
        rows = np.zeros((len(units), self.mean.size), np.float32)
        rows[:, self.unit] = units * self.decoder.standard.sd
        return rows.reshape(-1, *self.mean.shape[1:])


@dataclass(frozen=True, eq=False)
class CodeReadout:
    """Responses to codes, as `deep.latent.matching` has them.

    Attributes
    ----------
    picture, code : ShapedReadout
    encode : callable
        Pictures (n, 3, side, side) to codes (n, …).
    factor : ndarray, shape (1, channels, 1, 1)
        Of the decoded code, so that codes vary as those of training pictures do.
    variance : ndarray, shape (1, channels, 1, 1)
        What the code of ridge's picture leaves open of the true code, on pictures left out.
    """

    picture: ShapedReadout
    code: ShapedReadout
    encode: Encode
    factor: np.ndarray
    variance: np.ndarray

    @classmethod
    def fit(
        cls, part: FoldDecoder, pictures: np.ndarray, codes: np.ndarray, encode: Encode
    ) -> CodeReadout:
        """Of training pictures (n, channels, side, side), one channel or three, and their codes."""
        of_picture, of_code = (ShapedReadout.fit(part, each) for each in (pictures, codes))
        looked = np.sort(np.random.default_rng(3).permutation(len(codes))[:LOOKED_AT])
        first = encode(_shown(of_picture.mean + of_picture.left_out(part)[looked]))
        moments = Moments.of(first, of_code.left_out(part)[looked])
        varying = ((codes - of_code.mean) ** 2).mean(axis=(0, 2, 3), dtype=float)
        left = ((codes[looked] - first) ** 2).mean(axis=(0, 2, 3), dtype=float)
        left = np.maximum(left, LEAST_LEFT * max(float(varying.mean()), CONSTANT))
        factor, variance = (
            each.astype(np.float32)[None, :, None, None] for each in (moments.factor(varying), left)
        )
        return cls(of_picture, of_code, encode, factor, variance)

    @property
    def mean(self) -> np.ndarray:
        """Mean code of training pictures, (1, …)."""
        return self.code.mean

    def __call__(self, R: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where codes (n, …) start, and the code of ridge's picture, of responses (n, cells)."""
        centre = self.encode(_shown(self.picture.mean + self.picture.deviation(R)))
        return centre + self.factor * self.code.deviation(R), centre


def _shown(pictures: np.ndarray) -> np.ndarray:
    """Pictures from 0 to 1 in three channels."""
    clipped = np.clip(pictures, 0, 1).astype(np.float32)
    return np.repeat(clipped, 3, axis=1) if clipped.shape[1] == 1 else clipped

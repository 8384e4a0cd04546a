"""Responses to what pictures are optimised to: features of all layers, and where a code starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import FEWEST_UNITS, varying_units
from twophoton_decode.deep.comparison.decoding.feature_decoding import FoldDecoder, LayerDecoder
from twophoton_decode.deep.inversion.critic import Target
from twophoton_decode.errors import AnalysisError

LEAST_LEFT = 0.05
"""Share of a code's variance that counts as unknown at least."""


@dataclass(frozen=True, eq=False)
class FeatureReadout:
    """Ridge from responses to the units of every layer, rescaled to the SD of training.

    Attributes
    ----------
    unit : mapping of str to ndarray of int
        Units of each layer that vary over training pictures.
    decoder : mapping of str to LayerDecoder
    notes : list of str
        Layers that are left out.
    """

    unit: Mapping[str, np.ndarray]
    decoder: Mapping[str, LayerDecoder]
    notes: list[str]

    @classmethod
    def fit(cls, part: FoldDecoder, layers: Mapping[str, np.ndarray]) -> FeatureReadout:
        """Of training pictures; what depends on responses alone is computed once for all layers.

        Parameters
        ----------
        part : FoldDecoder
        layers : mapping of str to ndarray, shape (training pictures, units)

        Raises
        ------
        AnalysisError
            No layer differs between the pictures.
        """
        units = {name: np.flatnonzero(varying_units(each)) for name, each in layers.items()}
        used = {name: unit for name, unit in units.items() if unit.size >= FEWEST_UNITS}
        if not used:
            raise AnalysisError(
                "no unit of any layer differs between the training pictures: they look alike to "
                "the network."
            )
        left = [name for name in layers if name not in used]
        notes = [f"layers {', '.join(left)} are left out: their units do not vary."] if left else []
        decoder = {name: part.fit(layers[name][:, unit]) for name, unit in used.items()}
        return cls(used, decoder, notes)

    def __call__(self, R: np.ndarray) -> Target:
        """Features decoded from responses (n, cells), in the network's own units."""
        decoded = {name: each.features(R) for name, each in self.decoder.items()}
        return Target(self.unit, decoded)

    def true(self, layers: Mapping[str, np.ndarray]) -> Target:
        """The same units of features (n, units) that were not decoded but measured."""
        return Target(self.unit, {name: layers[name][:, unit] for name, unit in self.unit.items()})


@dataclass(frozen=True, eq=False)
class CodeReadout:
    """Ridge from responses to a generator's code.

    Attributes
    ----------
    mean : ndarray, shape (1, …)
        Of the code over training pictures.
    variance : ndarray, shape (1, …)
        What responses leave open of the code, of images left out inside training.
    unit : ndarray of int
        Places of the code, laid out in a row, that vary over training pictures.
    decoder : LayerDecoder
    """

    mean: np.ndarray
    variance: np.ndarray
    unit: np.ndarray
    decoder: LayerDecoder

    @classmethod
    def fit(cls, part: FoldDecoder, codes: np.ndarray) -> CodeReadout:
        """Of codes (training pictures, …)."""
        rows = codes.reshape(len(codes), -1)
        unit = np.flatnonzero(varying_units(rows))
        decoder = part.fit(rows[:, unit])
        # Predictions of images left out vary by 1 / gain of a training SD.
        told = np.divide(1, decoder.gain, out=np.zeros_like(decoder.gain), where=decoder.gain > 0)
        left = decoder.standard.sd**2 * np.clip(1 - told**2, LEAST_LEFT, 1)
        variance = np.full(rows.shape[1], left.min() if unit.size else 1.0, np.float32)
        variance[unit] = left
        shape = (1, *codes.shape[1:])
        return cls(rows.mean(axis=0).reshape(shape), variance.reshape(shape), unit, decoder)

    def __call__(self, R: np.ndarray) -> np.ndarray:
        """Codes (n, …) of responses (n, cells), with the SD of training codes."""
        return self._laid_out(self.decoder.features(R))

    def expected(self, R: np.ndarray) -> np.ndarray:
        """The same as ridge predicts them, nearer to the mean where the cells tell little."""
        gain = self.decoder.gain
        told = np.divide(1, gain, out=np.zeros_like(gain), where=gain > 0)
        standard = self.decoder.standard
        return self._laid_out(self.decoder.patterns(R) * told * standard.sd + standard.mean)

    def _laid_out(self, units: np.ndarray) -> np.ndarray:
        rows = np.tile(self.mean.reshape(1, -1), (len(units), 1))
        rows[:, self.unit] = units
        return rows.reshape(-1, *self.mean.shape[1:])

"""Responses to the features that pictures are optimised to, as far as cells tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.comparison.decoding.decoded_layers import FEWEST_UNITS, varying_units
from twophoton_decode.deep.comparison.decoding.feature_decoding import FoldDecoder, LayerDecoder
from twophoton_decode.deep.inversion.critic import Target
from twophoton_decode.errors import AnalysisError

LEAST_WEIGHT = 0.01
"""Of layers that do not tell pictures apart: without any, pixels would be left as they are."""


@dataclass(frozen=True, eq=False)
class FeatureReadout:
    """Ridge from responses to the units of every layer, rescaled to the SD of training.

    Attributes
    ----------
    unit : mapping of str to ndarray of int
        Units of each layer that vary over training pictures.
    decoder : mapping of str to LayerDecoder
    weight : mapping of str to float
        How much a layer counts: 2 · two-way − 1 of training pictures that are told apart by what
        is decoded of them where they are left out, 0.01 at least [ours].
    notes : list of str
        Layers that are left out, and whether none tells pictures apart.
    """

    unit: Mapping[str, np.ndarray]
    decoder: Mapping[str, LayerDecoder]
    weight: Mapping[str, float]
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
        weight = {
            name: max(2 * part.told_apart(each) - 1, LEAST_WEIGHT) for name, each in decoder.items()
        }
        if max(weight.values()) == LEAST_WEIGHT:
            notes.append(
                "no layer tells left-out training pictures apart: the cells say too little."
            )
        return cls(used, decoder, weight, notes)

    def __call__(self, R: np.ndarray) -> Target:
        """Features decoded from responses (n, cells), in the network's own units."""
        decoded = {name: each.features(R) for name, each in self.decoder.items()}
        return Target(self.unit, decoded, self.weight)

    def true(self, layers: Mapping[str, np.ndarray]) -> Target:
        """The same units of features (n, units) that were measured: all layers count alike."""
        return Target(self.unit, {name: layers[name][:, unit] for name, unit in self.unit.items()})

"""How alike networks' layers and populations of cells represent the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class Representation(Record):
    """Dissimilarities of pictures in populations of cells, and which layers of networks have them.

    A model is a layer of a network, or the pixels. Agreement is Spearman's correlation of
    dissimilarities, over pairs of pictures (docs/methods/representation.md).
    """

    population: np.ndarray = array("population", dtype=str, doc="name of each population of cells")
    population_cells: np.ndarray = array("population", dtype=np.int64, doc="its number of cells")
    reliability: np.ndarray = array(
        "population", doc="agreement of its dissimilarities between halves of the repeats"
    )
    ranked: np.ndarray = array(
        "population", dtype=bool, doc="its reliability is high enough for layers to be ranked"
    )
    ceiling_low: np.ndarray = array(
        "population", doc="lower bound of what a perfect model would reach, from the halves or sets"
    )
    ceiling_high: np.ndarray = array("population", doc="upper bound of the same")
    sets: np.ndarray = array(
        "population", dtype=np.int64, doc="dissimilarities averaged over: animals; 1 in a session"
    )
    dissimilarity: np.ndarray = array(
        "population pair", dtype=np.float32, doc="of pictures (0, 1), (0, 2), … (1, 2), …; mean"
    )
    picture_name: np.ndarray = array("picture", dtype=str, doc="name of each picture compared")
    network: np.ndarray = array(
        "model", dtype=str, doc="the network of each model; pixels for the pixels"
    )
    layer: np.ndarray = array("model", dtype=str, doc="its layer")
    depth: np.ndarray = array(
        "model", dtype=np.int64, doc="place of the layer in its network, from 0; -1 for pixels"
    )
    agreement: np.ndarray = array("model population", doc="agreement of model and population")
    agreement_low: np.ndarray = array(
        "model population", doc="lower end of its 95 % interval; NaN for 2 or 3 sets"
    )
    agreement_high: np.ndarray = array("model population", doc="upper end of its 95 % interval")
    whitened: np.ndarray = array(
        "model population", doc="the same as a cosine after whitening by the errors' covariance"
    )
    over_random: np.ndarray = array(
        "model population",
        doc="agreement less that of the layer with one draw of random weights; NaN for controls",
    )
    over_random_low: np.ndarray = array("model population", doc="lower end of its 95 % interval")
    over_random_high: np.ndarray = array("model population", doc="upper end of its 95 % interval")
    over_pixels: np.ndarray = array(
        "model population", doc="agreement less that of the pixels; NaN for the pixels"
    )
    over_pixels_low: np.ndarray = array("model population", doc="lower end of its 95 % interval")
    over_pixels_high: np.ndarray = array("model population", doc="upper end of its 95 % interval")
    compared: np.ndarray = array("compared", dtype=str, doc="networks that were asked for")
    best_layer: np.ndarray = array(
        "compared population", dtype=np.int64, doc="index of the network's best model; -1: none"
    )
    best_share: np.ndarray = array(
        "compared population",
        doc="share of the resamples of pictures in which that layer is the network's best",
    )
    trend: np.ndarray = array(
        "compared population", doc="rank correlation of agreement with depth over the layers"
    )
    between: np.ndarray = array(
        "population other",
        doc="agreement of two populations, each from another half of the repeats; NaN if unknown",
    )
    nearest: np.ndarray = array(
        "population", dtype=np.int64, doc="index of the most alike other population; -1: none"
    )
    measure: str = scalar(doc="dissimilarity of the populations: crossnobis, correlation or given")
    halves_measure: str = scalar(doc="dissimilarity in halves of the repeats; empty: no halves")
    splits: int = scalar(doc="divisions of the repeats into halves")
    bootstraps: int = scalar(doc="resamples behind intervals")
    least_reliability: float = scalar(doc="reliability from which on layers are ranked")
    notes: list[str] = scalar(doc="whatever was left out or could not be computed")

    def models_of(self, network: str) -> np.ndarray:
        """Indices of a network's layers, early to late."""
        return np.flatnonzero(self.network == network)

"""Models of a population's dissimilarities: layers of networks, and the pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.comparison.dissimilarity import correlation_distance
from twophoton_decode.records.deep.feature_set import FeatureSet

PIXELS = "pixels"


@dataclass(frozen=True, eq=False)
class Model:
    """A layer of a network, with the dissimilarities (pair,) of pictures that it makes."""

    network: str
    layer: str
    depth: int
    rdm: np.ndarray


def layer_models(features: FeatureSet, chosen: np.ndarray, notes: list[str]) -> Iterator[Model]:
    """Every layer of a network by correlation distance, for the pictures `chosen`.

    A layer that is the same for every unit of some picture has no correlations; it is left
    out, and a note says so.
    """
    for depth, layer in enumerate(features.layers):
        rdm = correlation_distance(features.of(layer)[chosen].astype(float))
        if np.isfinite(rdm).all() and np.ptp(rdm) > 0:
            yield Model(features.network, layer, depth, rdm)
        else:
            notes.append(
                f"layer {layer} of {features.network} is left out: its units do not differ for "
                "some picture, or no two pictures differ."
            )


def pixel_model(pictures: np.ndarray, notes: list[str]) -> Iterator[Model]:
    """The pixels of pictures (picture, y, x) by correlation distance, if no picture is flat."""
    rdm = correlation_distance(pictures.reshape(len(pictures), -1).astype(float))
    if np.isfinite(rdm).all() and np.ptp(rdm) > 0:
        yield Model(PIXELS, PIXELS, -1, rdm)
    else:
        notes.append("the pixels are left out: some picture has one grey level alone.")


def twins_of(models: Iterable[Model], twins: dict[str, str]) -> list[int]:
    """For each model the index of the same layer with random weights; -1 where there is none.

    A layer is no control of itself: networks that are their own twin have none.

    Parameters
    ----------
    twins : mapping of network to the network with random weights
    """
    every = list(models)
    place = {(model.network, model.layer): index for index, model in enumerate(every)}
    found = [place.get((twins.get(model.network, ""), model.layer), -1) for model in every]
    return [-1 if twin == own else twin for own, twin in enumerate(found)]

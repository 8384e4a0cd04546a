"""All layers decoded, every image by a fit that never saw it; units that cannot be are left out."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np

from twophoton_decode.deep.comparison.decoding.feature_decoding import (
    CONSTANT,
    FoldDecoder,
    LayerDecoder,
    Standard,
)
from twophoton_decode.progress import Progress, silent

Key = TypeVar("Key", bound=Hashable)
"""What a layer is called: its name, or its network and its name."""
FEWEST_UNITS = 2
"""A pattern over fewer units has no correlation with another one."""


@dataclass(frozen=True, eq=False)
class DecodedLayer:
    """What was decoded of one layer beside what is true, standardised by the fold's training.

    Attributes
    ----------
    unit : ndarray of int, shape (units,)
        The units that vary in the training part of every fold; others are left out.
    truth, decoded : ndarray, shape (images, units)
    halves : ndarray, shape (2, images, units), or None
        Decoded from either half of an image's trials; None where no image has halves, NaN where
        one has none.
    standard : list of Standard, one a fold
    strength : ndarray, shape (folds,)
    """

    unit: np.ndarray
    truth: np.ndarray
    decoded: np.ndarray
    halves: np.ndarray | None
    standard: list[Standard]
    strength: np.ndarray


class Population(NamedTuple):
    """Responses of some cells: `average` (images, cells), `halves` (2, images, cells) or None."""

    average: np.ndarray
    halves: np.ndarray | None = None


def usable_layers(
    layers: Mapping[Key, np.ndarray], fold: np.ndarray
) -> tuple[dict[Key, np.ndarray], list[str]]:
    """The units of each layer that can be decoded, and the layers left out, in words.

    Parameters
    ----------
    layers : mapping of str to ndarray, shape (images, units)
    fold : ndarray of int, shape (images,)

    Returns
    -------
    dict of str to ndarray of int
        Indices of the units that vary over the training images of every fold.
    list of str
        Why a layer is left out, and how many units of others.
    """
    usable, notes = {}, []
    for name, features in layers.items():
        varies = _varying(features, fold)
        units, count = features.shape[1], int(np.count_nonzero(varies))
        if count >= FEWEST_UNITS:
            usable[name] = np.flatnonzero(varies)
        if count < FEWEST_UNITS:
            notes.append(f"layer {name} is left out: {_why_unusable(features, count)}.")
        elif count < units:
            notes.append(
                f"{units - count} of {units} units of layer {name} are left out: they are the "
                "same for all training pictures of a fold."
            )
    return usable, notes


def _varying(features: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Which units vary over the training images of every fold, (units,), bool."""
    parts = [varying_units(features[fold != number]) for number in np.unique(fold)]
    return np.asarray(np.isfinite(features).all(axis=0) & np.all(parts, axis=0))


def varying_units(features: np.ndarray) -> np.ndarray:
    """Which units are finite and vary over images (images, units), bool."""
    spread = np.ptp(features, axis=0) > CONSTANT * np.abs(features).max(axis=0)
    return np.asarray(np.isfinite(features).all(axis=0) & spread)


def _why_unusable(features: np.ndarray, varying: int) -> str:
    if not np.isfinite(features).all():
        return "its units are NaN or infinite"
    if not features.any():
        return "its units are zero for all pictures (zero norm)"
    return f"{varying} of its {features.shape[1]} units differ between pictures (zero variance)"


def fitted_layers(
    average: np.ndarray,
    layers: Mapping[Key, np.ndarray],
    fold: np.ndarray,
    content: np.ndarray,
    progress: Progress = silent,
) -> Iterator[tuple[int, Key, LayerDecoder]]:
    """Decoders of every layer in every fold: number of the fold, name of the layer, decoder."""
    folds = int(fold.max()) + 1
    for number in range(folds):
        part = FoldDecoder.of(average, content, np.flatnonzero(fold != number))
        for name, features in layers.items():
            yield number, name, part.fit(features)
        progress(number + 1, folds, "folds")


def decode_layers(
    population: Population,
    layers: Mapping[Key, np.ndarray],
    fold: np.ndarray,
    content: np.ndarray,
    progress: Progress = silent,
) -> dict[Key, DecodedLayer]:
    """Decode every layer from one population, every image by a fit that never saw it.

    Parameters
    ----------
    population : Population
    layers : mapping of name to ndarray, shape (images, units)
    fold, content : ndarray of int, shape (images,)
        As `image_folds` gives them: images of equal content share a fold.
    progress : callable
        Told after each fold.

    Returns
    -------
    dict of name to DecodedLayer
        Without layers of which fewer than two units vary (`usable_layers`).
    """
    units = usable_layers(layers, fold)[0]
    chosen = {name: layers[name][:, unit] for name, unit in units.items()}
    made = {name: _nothing_decoded(each, population) for name, each in chosen.items()}
    kept: dict[Key, list[LayerDecoder]] = {name: [] for name in chosen}
    for number, name, decoder in fitted_layers(population.average, chosen, fold, content, progress):
        tested, (truth, decoded, halves) = fold == number, made[name]
        truth[tested] = decoder.standard(chosen[name][tested])
        decoded[tested] = decoder.patterns(population.average[tested])
        if halves is not None and population.halves is not None:
            for half, of_half in zip(halves, population.halves, strict=True):
                half[tested] = decoder.patterns(of_half[tested])
        kept[name].append(decoder)
    return {
        name: DecodedLayer(
            units[name],
            *made[name],
            standard=[each.standard for each in kept[name]],
            strength=np.array([each.strength for each in kept[name]]),
        )
        for name in chosen
    }


def _nothing_decoded(
    features: np.ndarray, population: Population
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    truth, decoded = (np.empty(features.shape, dtype=np.float32) for _ in range(2))
    halves = None
    if population.halves is not None:
        halves = np.empty((2, *features.shape), dtype=np.float32)
    return truth, decoded, halves


def half_averages(
    response: np.ndarray, image: np.ndarray, images: int, known: np.ndarray | None = None
) -> np.ndarray | None:
    """Mean response to each image over its odd and its even trials, (2, images, cells).

    Each cell's measured trials are dealt into halves. NaN for images with fewer than two of
    them; None where all are.

    Parameters
    ----------
    response : ndarray, shape (presentations, cells)
    image : ndarray of int, shape (presentations,)
        In the order of presentation.
    known : ndarray of bool, shape (presentations, cells), optional
        Which responses were measured, not filled in; all by default.
    """
    known = np.ones(response.shape, dtype=bool) if known is None else known
    order = np.argsort(image, kind="stable")
    image, response, known = image[order], response[order], known[order]
    before = np.cumsum(known, axis=0) - known
    place = before - before[np.searchsorted(image, image)]
    total, count = np.zeros((2, 2, images, response.shape[1]))
    for half in range(2):
        mine = known & (place % 2 == half)
        np.add.at(total[half], image, np.where(mine, response, 0.0))
        np.add.at(count[half], image, mine)
    halved = (count > 0).all(axis=0)
    if not halved.any():
        return None
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=halved)

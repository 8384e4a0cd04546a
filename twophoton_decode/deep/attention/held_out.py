"""Responses to images left out of the fit, predicted with and without attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.attention.images import ImageResponses
from twophoton_decode.deep.attention.maps import at_units
from twophoton_decode.deep.attention.shared_ridge import Readout, SharedRidge, chosen_strength
from twophoton_decode.kernels.threads import results_in_turn
from twophoton_decode.progress import Progress, silent
from twophoton_decode.statistics.permutation import derangement

OTHER_MAPS = 5
"""Draws of another image's map for every image; their r is averaged."""
OFF, ON, OTHER, MEAN = "off", "on", "other", "mean"


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer that is laid out over the picture.

    Attributes
    ----------
    value : ndarray, shape (image, unit)
    place : ndarray of int, shape (3, unit)
        Channel, row and column of each unit.
    side : int
        Rows, and columns, of the layer.
    """

    value: np.ndarray
    place: np.ndarray
    side: int


@dataclass(frozen=True, eq=False)
class ShownImages(ImageResponses):
    """The images that were shown, with attention on them.

    Attributes
    ----------
    maps : ndarray, shape (image, y, x)
        Attention, from 0 to 1.
    """

    maps: np.ndarray


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Predicted minus mean training response, by the fit without the image's fold.

    Attributes
    ----------
    predicted : mapping of str to ndarray, shape (image, cell)
        By `OFF`, `ON` and `MEAN`; `OTHER` has a further axis of draws in front.
    chance : mapping of str to ndarray, shape (image, refit)
        By `OFF` and `ON`: the same of responses whose images were exchanged.
    of_layer : ndarray, shape (layer, image, cell)
        Of every layer without attention.
    layer : ndarray of str, shape (fold,)
        The layer that the training images of each fold chose.
    strength : ndarray, shape (fold,)
    """

    predicted: Mapping[str, np.ndarray]
    chance: Mapping[str, np.ndarray]
    of_layer: np.ndarray
    layer: np.ndarray
    strength: np.ndarray


def with_attention(
    shown: ShownImages,
    layers: Mapping[str, Layer],
    seed: int,
    progress: Progress = silent,
) -> HeldOut:
    """Predict every image from the layer f, from (1 + M) f, and with maps that are not its own.

    Layer and strength are chosen in the training images of the fold without attention, and
    are the same for all maps, so that only M differs. Units are divided by their SD without
    attention: dividing by that with attention would undo what a common map does.

    Parameters
    ----------
    shown : ShownImages
    layers : mapping of str to Layer
        Those to choose from.
    seed : int
        Of the choice of other images.
    """
    images, cells = shown.response.shape
    predicted = {name: np.zeros((images, cells)) for name in (OFF, ON, MEAN)}
    predicted[OTHER] = np.zeros((OTHER_MAPS, images, cells))
    chance = {name: np.zeros(shown.exchanged.shape) for name in (OFF, ON)}
    of_layer = np.zeros((len(layers), images, cells))
    folds = int(shown.fold.max()) + 1

    def of_fold(number: int) -> _Fold:
        known, rng = shown.fold != number, np.random.default_rng([seed, 5, number])
        others = [other_images(shown.content, known, rng) for _ in range(OTHER_MAPS)]
        return _predicted_fold(shown, layers, others, known)

    found = []
    for number, each in enumerate(results_in_turn(of_fold, range(folds))):
        rows = shown.fold == number
        for name, values in each.predicted.items():
            predicted[name][..., rows, :] = values
        for name, values in each.chance.items():
            chance[name][rows] = values
        of_layer[:, rows] = each.of_layer
        found.append((each.layer, each.strength))
        progress(number + 1, folds, "attention on and off")
    names, strengths = zip(*found, strict=True)
    return HeldOut(predicted, chance, of_layer, np.array(names), np.array(strengths))


def other_images(content: np.ndarray, known: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whose map each image gets in place of its own, (image,): one of the same side of the fold.

    Training images get maps of training images, tested ones those of tested images, so that no
    fit sees the map of a tested image. Where all images that are tested show nearly the same,
    they get maps of training images.

    Parameters
    ----------
    content : ndarray of int, shape (image,)
        Images of equal content do not get each other's map.
    known : ndarray of bool, shape (image,)
        Which images train.
    """
    training, tested = np.flatnonzero(known), np.flatnonzero(~known)
    order = np.empty(len(content), dtype=np.int64)
    for rows in (training, tested):
        if 2 * np.bincount(content[rows]).max() <= len(rows):
            order[rows] = rows[derangement(content[rows], rng)]
            continue
        for row in rows:
            others = rows[content[rows] != content[row]]
            order[row] = rng.choice(others if len(others) else training)
    return order


def without_maps(
    shown: ImageResponses, features: np.ndarray, progress: Progress = silent, label: str = ""
) -> np.ndarray:
    """Held-out predictions (image, cell) from any features (image, unit)."""
    predicted = np.zeros(shown.response.shape)
    folds = int(shown.fold.max()) + 1

    def of_fold(number: int) -> np.ndarray:
        known = shown.fold != number
        return _choose(shown, scaled(features, known), known)[0]

    for number, rows in enumerate(results_in_turn(of_fold, range(folds))):
        predicted[shown.fold == number] = rows
        progress(number + 1, folds, label)
    return predicted


def scaled(features: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Units over their SD in training images; those that are constant there are 0."""
    spread = features[known].std(axis=0)
    varies = spread > 1e-9 * np.abs(features[known]).max(axis=0, initial=0)
    return np.where(varies, features / np.where(varies, spread, 1), 0.0)


@dataclass(frozen=True, eq=False)
class _Fold:
    """What `HeldOut` has, of the images of one fold."""

    predicted: Mapping[str, np.ndarray]
    chance: Mapping[str, np.ndarray]
    of_layer: np.ndarray
    layer: str
    strength: float


def _choose(
    shown: ImageResponses, features: np.ndarray, known: np.ndarray
) -> tuple[np.ndarray, float, float]:
    """Predictions at the strength that training images choose, the strength, and its error."""
    response = shown.response[known]
    ridge = SharedRidge.of(features[known])
    strength, error = chosen_strength(ridge, response, shown.content[known])
    return ridge.readout(features[~known], strength).predict(response), strength, error


def _predicted_fold(
    shown: ShownImages, layers: Mapping[str, Layer], others: Sequence[np.ndarray], known: np.ndarray
) -> _Fold:
    response = shown.response[known]
    choices = {
        name: _choose(shown, scaled(layer.value, known), known) for name, layer in layers.items()
    }
    name = min(choices, key=lambda each: choices[each][2])
    of_layer, strength = np.stack([each[0] for each in choices.values()]), choices[name][1]
    layer, features = layers[name], scaled(layers[name].value, known)
    attention = at_units(shown.maps, layer.place, layer.side)

    def readout(given: np.ndarray) -> Readout:
        modulated = (1 + given) * features
        return SharedRidge.of(modulated[known]).readout(modulated[~known], strength)

    own = {OFF: readout(np.zeros(1)), ON: readout(attention)}
    predicted = {key: each.predict(response) for key, each in own.items()}
    predicted[MEAN] = readout(attention[known].mean(axis=0)).predict(response)
    predicted[OTHER] = np.stack([readout(attention[each]).predict(response) for each in others])
    chance = {key: each.predict(shown.exchanged[known]) for key, each in own.items()}
    return _Fold(predicted, chance, of_layer, name, strength)

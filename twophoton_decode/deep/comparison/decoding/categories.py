"""Which kind of picture was seen? Categories that no decoder was trained on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from twophoton_decode.decoding.folds.content import groups_of
from twophoton_decode.decoding.folds.crossvalidation import balanced_folds
from twophoton_decode.decoding.scoring.identification import WrongCandidates
from twophoton_decode.deep.comparison.decoding.decoded_layers import (
    DecodedLayer,
    Population,
    decode_layers,
)
from twophoton_decode.deep.comparison.decoding.identification import two_way, unit_patterns
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.by_image import mean_by_image
from twophoton_decode.statistics.defined import mean
from twophoton_decode.statistics.mean_score import mean_score

FEWEST_CATEGORIES = 6
"""Three to choose from in each of two folds."""
IN_A_FOLD = 3


class CategoryScores(NamedTuple):
    """Identification of the category among those that trained nothing, for each image.

    `two_way` and `top1` (images,), `candidates` (images,) how many categories there were to
    choose from; NaN and 0 for images without a category, or whose category has no image that
    shows something else.
    """

    two_way: np.ndarray
    top1: np.ndarray
    candidates: np.ndarray


def category_fields(
    average: np.ndarray,
    layers: Mapping[str, np.ndarray],
    category: np.ndarray,
    content: np.ndarray,
    same: np.ndarray,
    settings: DecodingSettings,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Fields of `FeatureDecoding` on categories, one entry a layer; and what was left out.

    Intervals take categories, and those that share images of one content, as units. Categories
    of a fold are told apart; those of other folds trained the decoder.

    Parameters
    ----------
    average : ndarray, shape (images, cells)
    layers : mapping of str to ndarray, shape (images, units)
    category : ndarray of str, shape (images,)
    content : ndarray of int, shape (images,)
        Images of equal numbers share a fold, be it that they show the same or are of one group.
    same : ndarray of int, shape (images,)
        Images of equal numbers show the same, or nearly so.

    Raises
    ------
    AnalysisError
        Fewer than six categories, or none with images that show something else.
    """
    fold = category_folds(category, content, settings.folds, settings.seed)
    found = identify_categories(Population(average), layers, category, fold, same, progress)
    counts = np.array([each.candidates for each in found.values()])
    if not counts.any():
        raise AnalysisError(
            "the images of every category show the same, or nearly so: none can be told by what "
            "others of its category have in common."
        )
    unit = np.full(len(category), -1)
    unit[fold >= 0] = _linked(category, content)
    nothing = np.full(len(category), np.nan)
    shares = [found[each].two_way if each in found else nothing for each in layers]
    means = [mean_score(each, None, unit) for each in shares]
    fields = {
        "category": category,
        "category_two_way": [each.mean for each in means],
        "category_two_way_ci95": [each.interval for each in means],
        "category_top1": [mean(found[each].top1) if each in found else np.nan for each in layers],
        "category_candidates": float(counts[counts > 0].mean()),
    }
    return fields, _unscored(category, counts[0] > 0)


def _unscored(category: np.ndarray, scored: np.ndarray) -> list[str]:
    """Which images have no score, and why."""
    without = int(np.count_nonzero(category == ""))
    alone = int(np.count_nonzero((category != "") & ~scored))
    why = (
        (without, "have no category"),
        (alone, "have a category whose other images all show the same as they, or has none"),
    )
    said = [f"{count} {what}" for count, what in why if count]
    if not said:
        return []
    return [f"of {len(category)} images, {', '.join(said)}: they are not scored by category."]


def category_folds(category: np.ndarray, content: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """The fold of each image, (images,), whole categories together; -1 without a category.

    Categories that share pictures of equal content share a fold too. There are as many folds as
    asked for, or fewer, and each tests about as many categories, three or more, however many
    pictures they have.

    Parameters
    ----------
    category : ndarray of str, shape (images,)
        "" for none.
    content : ndarray of int, shape (images,)

    Raises
    ------
    AnalysisError
        Fewer than six categories, or groups of them.
    """
    known = category != ""
    group = _linked(category, content)
    pairs = {(label, name) for label, name in zip(group.tolist(), category[known], strict=True)}
    size = np.bincount([label for label, _ in pairs]) if pairs else np.zeros(0, dtype=np.int64)
    if len(size) < FEWEST_CATEGORIES:
        raise AnalysisError(
            f"categories are decoded from {FEWEST_CATEGORIES} or more, so that some train the "
            f"decoder and others are told apart; there are {len(size)}."
        )
    fold = np.full(len(category), -1)
    fold[known] = balanced_folds(size, min(folds, len(size) // IN_A_FOLD), seed)[group]
    return fold


def _linked(category: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Categories, those that share content as one, of the images that have one."""
    known = np.flatnonzero(category != "")
    pairs = [
        np.stack([known[first[label]], known], axis=1)
        for values in (category[known], content[known])
        for _, first, label in [np.unique(values, return_index=True, return_inverse=True)]
    ]
    joined = groups_of(np.concatenate(pairs), len(category))[known]
    return np.asarray(np.unique(joined, return_inverse=True)[1])


def identify_categories(
    population: Population,
    layers: Mapping[str, np.ndarray],
    category: np.ndarray,
    fold: np.ndarray,
    same: np.ndarray,
    progress: Progress = silent,
) -> dict[str, CategoryScores]:
    """Identify each image's category from every layer.

    Candidates are the mean features of the categories of a fold, none of whose images was
    trained on; that of the true category leaves out the image itself, and what shows the same
    [field: Horikawa & Kamitani 2017]. Images that show the same count once in a mean. What the
    candidates have in common is taken off them: the true category's mean is of fewer images, so
    that it would have less of it, and chance would lie below one half [ours].

    Parameters
    ----------
    fold : ndarray of int, shape (images,)
        From `category_folds`.
    same : ndarray of int, shape (images,)
        Images of equal numbers show the same, or nearly so.
    """
    known = fold >= 0
    average = population.average[known]
    some = {name: features[known] for name, features in layers.items()}
    decoded = decode_layers(Population(average), some, fold[known], same[known], progress)
    found = {}
    for name, layer in decoded.items():
        scores = np.full((2, len(fold)), np.nan)
        candidates = np.zeros(len(fold), dtype=np.int64)
        scores[:, known], candidates[known] = _identified(
            layer, category[known], fold[known], same[known]
        )
        found[name] = CategoryScores(scores[0], scores[1], candidates)
    return found


def _identified(
    layer: DecodedLayer, category: np.ndarray, fold: np.ndarray, same: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two-way and top-1 of each image, (2, images), and how many categories it had."""
    counts = np.zeros((3, len(fold)), dtype=np.int64)
    for image in range(len(fold)):
        other = same != same[image]
        mates = other & (category == category[image])
        rivals = other & (fold == fold[image]) & (category != category[image])
        others = np.unique(category[rivals])
        if not mates.any() or not len(others):
            continue
        members = [mates] + [rivals & (category == each) for each in others]
        means = np.array([_mean_of_different(layer.truth[rows], same[rows]) for rows in members])
        means -= means.mean(axis=0)
        fit = unit_patterns(means) @ unit_patterns(layer.decoded[[image]])[0]
        worse, tied = np.count_nonzero(fit[1:] < fit[0]), np.count_nonzero(fit[1:] == fit[0])
        counts[:, image] = worse, tied, len(others)
    found = WrongCandidates(*counts)
    tested = found.total > 0
    shares, top1 = two_way(found), np.full(len(fold), np.nan)
    top1[tested] = (found.worse + found.tied == found.total)[tested] / (1 + found.tied[tested])
    return np.stack([shares, top1]), np.where(tested, found.total + 1, 0)


def _mean_of_different(features: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Mean over images, those that show the same counting once, (units,)."""
    label = np.unique(same, return_inverse=True)[1]
    return np.asarray(mean_by_image(features, label, int(label.max()) + 1).mean(axis=0))

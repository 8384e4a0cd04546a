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
from twophoton_decode.statistics.defined import mean
from twophoton_decode.statistics.mean_score import mean_score

FEWEST_CATEGORIES = 6
"""Three to choose from in each of two folds."""
IN_A_FOLD = 3


class CategoryScores(NamedTuple):
    """Identification of the category among those that trained nothing, for each image.

    `two_way` and `top1` (images,), `candidates` (images,) how many categories there were to
    choose from; NaN and 0 for images without a category, or alone in theirs.
    """

    two_way: np.ndarray
    top1: np.ndarray
    candidates: np.ndarray


def category_fields(
    average: np.ndarray,
    layers: Mapping[str, np.ndarray],
    category: np.ndarray,
    content: np.ndarray,
    settings: DecodingSettings,
    progress: Progress = silent,
) -> tuple[dict[str, Any], list[str]]:
    """Fields of `FeatureDecoding` on categories, one entry a layer; and what was left out.

    Intervals take categories, and images that show the same, as units. Categories of a fold
    are told apart; those of other folds trained the decoder.

    Parameters
    ----------
    average : ndarray, shape (images, cells)
    layers : mapping of str to ndarray, shape (images, units)
    category : ndarray of str, shape (images,)

    Raises
    ------
    AnalysisError
        Fewer than six categories.
    """
    fold = category_folds(category, content, settings.folds, settings.seed)
    found = identify_categories(Population(average), layers, category, fold, content, progress)
    unit = np.unique(category, return_inverse=True)[1]
    nothing = np.full(len(category), np.nan)
    shares = [found[each].two_way if each in found else nothing for each in layers]
    means = [mean_score(each, None, unit) for each in shares]
    counts = np.array([each.candidates for each in found.values()])
    alone = int(np.count_nonzero(np.isnan(next(iter(found.values())).two_way)))
    fields = {
        "category": category,
        "category_two_way": [each.mean for each in means],
        "category_two_way_ci95": [each.interval for each in means],
        "category_top1": [mean(found[each].top1) if each in found else np.nan for each in layers],
        "category_candidates": float(counts[counts > 0].mean()),
    }
    if not alone:
        return fields, []
    return fields, [f"{alone} of {len(category)} images have no category, or are alone in theirs."]


def category_folds(category: np.ndarray, content: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """The fold of each image, (images,), whole categories together; -1 without a category.

    Categories that share pictures of equal content share a fold too. There are as many folds as
    asked for, or fewer, so that about three categories are tested together.

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
    known = np.flatnonzero(category != "")
    pairs = [
        np.stack([known[first[label]], known], axis=1)
        for values in (category[known], content[known])
        for _, first, label in [np.unique(values, return_index=True, return_inverse=True)]
    ]
    group = np.unique(groups_of(np.concatenate(pairs), len(category))[known], return_inverse=True)[
        1
    ]
    size = np.bincount(group) if len(group) else np.zeros(0, dtype=np.int64)
    if len(size) < FEWEST_CATEGORIES:
        raise AnalysisError(
            f"categories are decoded from {FEWEST_CATEGORIES} or more, so that some train the "
            f"decoder and others are told apart; there are {len(size)}."
        )
    fold = np.full(len(category), -1)
    fold[known] = balanced_folds(size, min(folds, len(size) // IN_A_FOLD), seed)[group]
    return fold


def identify_categories(
    population: Population,
    layers: Mapping[str, np.ndarray],
    category: np.ndarray,
    fold: np.ndarray,
    content: np.ndarray,
    progress: Progress = silent,
) -> dict[str, CategoryScores]:
    """Identify each image's category from every layer.

    Candidates are the mean features of the categories of a fold, none of whose images was
    trained on; that of the true category leaves out the image itself, and what shows the same
    [field: Horikawa & Kamitani 2017].

    Parameters
    ----------
    fold : ndarray of int, shape (images,)
        From `category_folds`.
    """
    known = fold >= 0
    average = population.average[known]
    some = {name: features[known] for name, features in layers.items()}
    decoded = decode_layers(Population(average), some, fold[known], content[known], progress)
    found = {}
    for name, layer in decoded.items():
        scores = np.full((2, len(fold)), np.nan)
        candidates = np.zeros(len(fold), dtype=np.int64)
        scores[:, known], candidates[known] = _identified(
            layer, category[known], fold[known], content[known]
        )
        found[name] = CategoryScores(scores[0], scores[1], candidates)
    return found


def _identified(
    layer: DecodedLayer, category: np.ndarray, fold: np.ndarray, content: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Two-way and top-1 of each image, (2, images), and how many categories it had."""
    counts = np.zeros((3, len(fold)), dtype=np.int64)
    for image in range(len(fold)):
        mates = (category == category[image]) & (content != content[image])
        rivals = (fold == fold[image]) & (category != category[image])
        others = np.unique(category[rivals & (content != content[image])])
        if not mates.any() or not len(others):
            continue
        members = [mates] + [(category == each) & (content != content[image]) for each in others]
        means = np.array([layer.truth[rows].mean(axis=0) for rows in members])
        fit = unit_patterns(means) @ unit_patterns(layer.decoded[[image]])[0]
        worse, tied = np.count_nonzero(fit[1:] < fit[0]), np.count_nonzero(fit[1:] == fit[0])
        counts[:, image] = worse, tied, len(others)
    found = WrongCandidates(*counts)
    tested = found.total > 0
    shares, top1 = two_way(found), np.full(len(fold), np.nan)
    top1[tested] = (found.worse + found.tied == found.total)[tested] / (1 + found.tied[tested])
    return np.stack([shares, top1]), np.where(tested, found.total + 1, 0)

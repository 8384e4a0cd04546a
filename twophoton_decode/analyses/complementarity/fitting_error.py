"""How well can the weights of the responsive cells make up an image they were not fitted to?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.kernels.threads import in_threads
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction
from twophoton_decode.statistics.by_image import content_groups
from twophoton_decode.statistics.image_mean import image_mean

MOST_IMAGES = 500
"""More images than this are represented by so many, drawn at random."""
DRAWS = 10
"""Random sets of cells for each image, averaged."""
STABILISATION = 1e-6
"""Ridge of the fits, relative to the mean squared norm of the weights."""


def fitting_error(
    made: Reconstruction,
    space: LinearFeatures,
    responsive: np.ndarray,
    *,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Part of a test image's features that cells' weights do not make up, in per cent [paper].

    100 · ‖φ − Σ a_k h_k‖² / ‖φ‖² with the best a: φ are the features of the image minus the
    mean training image, h_k what one unit of a cell's response adds to them in the fold that
    never saw the image [which weights: ours]. Three sets of cells: those that respond to the
    image, as many others drawn at random [ours], and all.

    Parameters
    ----------
    responsive : ndarray of bool, shape (cells, images)

    Returns
    -------
    dict
        By field of `Complementarity`.

    Raises
    ------
    AnalysisError
        No image has a responsive cell with weights.
    """
    chosen = np.arange(len(made.fold))
    if len(chosen) > MOST_IMAGES:
        chosen = rng.choice(chosen, MOST_IMAGES, replace=False)
    own, random, everyone = np.full((3, len(made.fold)), np.nan)
    count = np.zeros(len(made.fold), dtype=np.int64)
    folds = int(made.fold.max()) + 1
    for fold in range(folds):
        tested = np.sort(chosen[made.fold[chosen] == fold])
        if not len(tested):
            continue
        features, weights = _features_and_weights(made, space, fold, tested)
        weighted = np.asarray(weights.any(axis=1))
        if weighted.any():
            everyone[tested] = unfitted(features, weights[weighted][None])[0]
        chosen_sets = [_Sets.of(responsive[:, image], weighted, rng) for image in tested]
        count[tested] = [len(sets.own) for sets in chosen_sets]
        errors = in_threads(partial(_errors, weights), zip(features, chosen_sets, strict=True))
        own[tested], random[tested] = np.transpose(errors)
        progress(fold + 1, folds, "folds of fitting error")
    known = np.isfinite(own) & np.isfinite(random)
    if not known.any():
        raise AnalysisError(
            "no image has responsive cells with weights, and as many others to compare them with."
        )
    gain = image_mean(random - own, content_groups(made))
    return {
        "fitting_error": own,
        "fitting_error_random": random,
        "fitting_error_all": everyone,
        "fitting_cells": count,
        "fitting_gain": gain.mean,
        "fitting_gain_ci95": gain.interval,
        "fitting_p": gain.p,
    }


def unfitted(targets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Per cent of each target's squared norm left over by the best sum of each set of weights.

    Least squares with a ridge just large enough for dependent weights.

    Parameters
    ----------
    targets : ndarray, shape (n, features)
    weights : ndarray, shape (sets, cells, features)
        At least one cell; not all zero.

    Returns
    -------
    ndarray, shape (sets, n)
        NaN for a target of zeros.
    """
    if weights.shape[1] > weights.shape[2]:
        # As many rows as there are features span what all the cells do.
        weights = np.asarray(np.linalg.qr(weights, mode="r"))
    gram = weights @ weights.swapaxes(1, 2)
    along = weights @ targets.T
    diagonal = np.arange(weights.shape[1])
    stable = gram.copy()
    stable[:, diagonal, diagonal] += STABILISATION * gram[:, diagonal, diagonal].mean(1)[:, None]
    sums = np.linalg.solve(stable, along)
    explained = (sums * (2 * along - gram @ sums)).sum(axis=1)
    norm = (targets**2).sum(axis=1)
    share = np.divide(explained, norm, out=np.full(explained.shape, np.nan), where=norm > 0)
    return 100 * (1 - share)


def _features_and_weights(
    made: Reconstruction, space: LinearFeatures, fold: int, tested: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Features of the tested images minus m, and what each cell adds to them."""
    shape = made.picture.shape[1:]
    target = np.asarray(made.picture[tested], dtype=float) - made.mean_picture[fold]
    filters = np.asarray(made.filters[fold], dtype=float).reshape(-1, *shape)
    return space.encode(target), space.encode(filters)


@dataclass(frozen=True, eq=False)
class _Sets:
    """The cells that respond to an image, and random sets (draws, cells) of as many others.

    No sets where there are not so many others.
    """

    own: np.ndarray
    random: np.ndarray

    @classmethod
    def of(cls, responsive: np.ndarray, weighted: np.ndarray, rng: np.random.Generator) -> _Sets:
        own, others = np.flatnonzero(responsive & weighted), np.flatnonzero(~responsive & weighted)
        if not 0 < len(own) <= len(others):
            return cls(own, np.empty((0, len(own)), dtype=np.int64))
        drawn = [rng.choice(others, len(own), replace=False) for _ in range(DRAWS)]
        return cls(own, np.stack(drawn))


def _errors(weights: np.ndarray, image: tuple[np.ndarray, _Sets]) -> tuple[float, float]:
    """Error by an image's own cells, and the mean over random sets; NaN without either."""
    target, sets = image
    if not (len(sets.own) and target.any()):
        return np.nan, np.nan
    own = float(unfitted(target[None], weights[sets.own][None])[0, 0])
    if not len(sets.random):
        return own, np.nan
    return own, float(unfitted(target[None], weights[sets.random]).mean())

"""How well can the weights of the responsive cells make up an image they were not fitted to?"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.analyses.cell_count_statistics import signed_rank_p
from twophoton_decode.decoding.scores import bootstrap_interval
from twophoton_decode.errors import AnalysisError
from twophoton_decode.features import LinearFeatures
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction

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
    bootstraps: int,
    seed: int,
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
        weighted = weights.any(axis=1)
        if weighted.any():
            everyone[tested] = unfitted(features, weights[weighted][None])[0]
        for image, target in zip(tested, features, strict=True):
            cells = np.flatnonzero(responsive[:, image] & weighted)
            others = np.flatnonzero(~responsive[:, image] & weighted)
            count[image] = len(cells)
            if len(cells) and target.any():
                own[image] = unfitted(target[None], weights[cells][None])[0, 0]
                random[image] = _by_random_cells(target, weights, others, len(cells), rng)
        progress(fold + 1, folds, "folds of fitting error")
    known = np.isfinite(own) & np.isfinite(random)
    if not known.any():
        raise AnalysisError(
            "no image has responsive cells with weights, and as many others to compare them with."
        )
    gain = (random - own)[known]
    return {
        "fitting_error": own,
        "fitting_error_random": random,
        "fitting_error_all": everyone,
        "fitting_cells": count,
        "fitting_gain": float(gain.mean()),
        "fitting_gain_ci95": bootstrap_interval(gain, bootstraps, seed),
        "fitting_p": signed_rank_p(own[known], random[known]),
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
    filters = np.asarray(made.reverse_filter[fold], dtype=float).reshape(-1, *shape)
    return space.encode(target), space.encode(filters)


def _by_random_cells(
    target: np.ndarray,
    weights: np.ndarray,
    cells: np.ndarray,
    count: int,
    rng: np.random.Generator,
) -> float:
    """Mean error over random sets of `count` cells; NaN if there are not so many."""
    if len(cells) < count:
        return float("nan")
    sets = np.stack([rng.choice(cells, count, replace=False) for _ in range(DRAWS)])
    return float(unfitted(target[None], weights[sets]).mean())

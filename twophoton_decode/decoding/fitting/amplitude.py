"""How large reconstructions should be, learned from images left out inside training."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.bayes.noise import TrialNoise
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.statistics.by_image import mean_by_image

FOLDS = 4
"""Inner folds over the training images."""
FEWEST_GROUPS = 8
"""With fewer groups of images nothing is learned, and the amplitude is 1."""
SMALLEST = 0.05
"""Never less, so that the pattern can still be told, however little is believed of it."""


@dataclass(frozen=True, eq=False)
class InnerFold:
    """The responses to some training images put aside once more, all minus the others' mean.

    `known` and `left` are rows of the targets; `means` and `left_means` (images, cells) the mean
    responses to them; `weight` (known,) their share of the presentations; `left_repeats` how
    often the others were shown. `trial` is the noise within the known images.
    """

    known: np.ndarray
    weight: np.ndarray
    means: np.ndarray
    trial: TrialNoise
    left: np.ndarray
    left_means: np.ndarray
    left_repeats: np.ndarray


def inner_folds(training: TrainingResponses, cells: np.ndarray) -> list[InnerFold]:
    """Split the training images, keeping groups together; empty where they are too few.

    Groups are dealt out in the order of their mean response, so that the folds are alike in
    how active the cells are, and do not depend on the order of presentations.

    Parameters
    ----------
    training : TrainingResponses
    cells : ndarray of bool, shape (cells,)
        The cells to use.
    """
    label = np.unique(training.group, return_inverse=True)[1]
    groups = int(label.max()) + 1
    if groups < FEWEST_GROUPS:
        return []
    activity = mean_by_image(training.centred.mean(axis=1), label, groups)
    fold_of_group = np.empty(groups, dtype=int)
    fold_of_group[np.argsort(activity, kind="stable")] = np.arange(groups) % FOLDS
    fold_of_trial = fold_of_group[label]
    return [_inner_fold(training, cells, fold_of_trial == fold) for fold in range(FOLDS)]


def _inner_fold(training: TrainingResponses, cells: np.ndarray, aside: np.ndarray) -> InnerFold:
    response = training.responses[:, cells]
    response = response - response[~aside].mean(axis=0)
    known, target = np.unique(training.target[~aside], return_inverse=True)
    others, other = np.unique(training.target[aside], return_inverse=True)
    return InnerFold(
        known=known,
        weight=training.repeats[known] / len(target),
        means=mean_by_image(response[~aside], target, len(known)),
        trial=TrialNoise.of(response[~aside], target),
        left=others,
        left_means=mean_by_image(response[aside], other, len(others)),
        left_repeats=training.repeats[others],
    )


Readout = Callable[[int], np.ndarray]
"""From a number of trials n to weights for their mean, (cells, directions)."""


def amplitude(fits: Iterable[tuple[InnerFold, Readout]], shown: np.ndarray, trials: int) -> float:
    """The factor with which reconstructions of left-out images have the smallest error [ours].

    a = Σ x·x̂ / Σ |x̂|², over images that the inner fits did not see, x̂ being reconstructed
    from the mean of n trials. An image shown T times gives |x̂|² at n = T; the trial noise that
    n trials have more, or less, is added. From `SMALLEST` to 1: no reconstruction
    grows beyond what its decoder says.

    Parameters
    ----------
    fits : iterable of (InnerFold, callable)
        What each inner fit learned.
    shown : ndarray, shape (images, directions)
        The training images along the directions that are read out.
    trials : int

    Returns
    -------
    float
        1 without inner fits, or if they reconstruct nothing.
    """
    explained = size = 0.0
    for fold, readout in fits:
        weights = readout(trials)
        made = fold.left_means @ weights
        explained += float(((shown[fold.left] - fold.weight @ shown[fold.known]) * made).sum())
        noise = float(((fold.trial.rows @ weights) ** 2).sum())
        size += float((made**2).sum()) + noise * float((1 / trials - 1 / fold.left_repeats).sum())
    return float(np.clip(explained / size, SMALLEST, 1.0)) if size > 0 else 1.0

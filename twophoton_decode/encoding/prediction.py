"""How well encoding models predict images left out of the fit, beside chance and ceiling."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.permuted_images import exchanged
from twophoton_decode.encoding.selected_ridge import (
    EXACT,
    Regression,
    chosen_strength,
    training_part,
)
from twophoton_decode.kernels.threads import results_in_turn
from twophoton_decode.progress import Progress, silent
from twophoton_decode.responses.statistics.reliability import column_correlation

WIDENING = 1.2
"""Standard error of the median prediction over that of independent images."""
LOWEST_CEILING = 0.3
"""Below this noise ceiling a prediction is not divided by it: the quotient is mostly noise."""
CHANCE_TOLERANCE = 1e-3
"""Relative residual of refits to permuted images: r is right to the third digit."""
CELLS_AT_ONCE = 100
"""Cells that are refitted to the same permuted images."""


@dataclass(frozen=True, eq=False)
class FoldedTrials:
    """Single-trial responses, and images in folds.

    Attributes
    ----------
    response : ndarray, shape (presentations, cells)
    image : ndarray of int, shape (presentations,)
        Row of `features` that was shown.
    features : ndarray, shape (images, features)
    fold, content, block : ndarray of int, shape (images,)
        The fold; images of equal content show nearly the same; the block of the session, as
        `shown_in_blocks` gives it.
    """

    response: np.ndarray
    image: np.ndarray
    features: np.ndarray
    fold: np.ndarray
    content: np.ndarray
    block: np.ndarray

    @property
    def folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    def training(self, known: np.ndarray) -> TrainingResponses:
        """The presentations of the images that are `known` (images,)."""
        return training_part(self.response, self.image, known, self.content)

    def trial_means(self) -> np.ndarray:
        """Mean response to each image, (images, cells)."""
        total = np.zeros((len(self.features), self.response.shape[1]))
        np.add.at(total, self.image, self.response)
        return total / np.bincount(self.image)[:, None]


def strengths_of_folds(
    trials: FoldedTrials, threshold: float, seed: int, progress: Progress = silent
) -> np.ndarray:
    """The relative strength chosen inside the training images of each fold, shape (folds,)."""

    def of_fold(number: int) -> float:
        known = trials.fold != number
        training = trials.training(known)
        return chosen_strength(training, trials.features[known], threshold, seed)

    chosen = np.empty(trials.folds)
    for number, strength in enumerate(results_in_turn(of_fold, range(trials.folds))):
        chosen[number] = strength
        progress(number + 1, trials.folds, "strengths of encoding models")
    return chosen


def predictions(trials: FoldedTrials, threshold: float, strengths: np.ndarray) -> np.ndarray:
    """Predicted response to each image by the fit without its fold, (images, cells).

    As a deviation from the mean training response of the fold: the mean of the other
    images is low where the image left out is high, which would look like a prediction.
    """
    predicted = np.zeros((len(trials.features), trials.response.shape[1]))

    def of_fold(number: int) -> np.ndarray:
        return _fold_prediction(trials, number, threshold, strengths[number], EXACT)

    for number, rows in enumerate(results_in_turn(of_fold, range(len(strengths)))):
        predicted[trials.fold == number] = rows
    return predicted


def _fold_prediction(
    trials: FoldedTrials, number: int, threshold: float, strength: float, tolerance: float
) -> np.ndarray:
    """Of the images of one fold, (images of the fold, cells)."""
    known = trials.fold != number
    training = trials.training(known)
    model = Regression.of(training, trials.features[known]).fit(threshold, strength, tolerance)
    return model.deviation(trials.features[~known])


def prediction_r(predicted: np.ndarray, measured: np.ndarray) -> np.ndarray:
    """Correlation of predicted and measured trial means over images, shape (cells,).

    0 where the prediction is constant, as when no feature was selected; NaN for a constant
    cell.
    """
    r = column_correlation(predicted, measured)
    return np.where(np.isnan(r) & (np.ptp(measured, axis=0) > 0), 0.0, r)


def chance_r(
    trials: FoldedTrials,
    threshold: float,
    strengths: np.ndarray,
    refits: int,
    seed: int,
    progress: Progress = silent,
) -> np.ndarray:
    """`prediction_r` of random cells with images permuted over their responses, refitted.

    Features are selected and weighed anew in every fold, at the strength chosen for the
    images as they were shown. At least `refits` values, shape (refits,), fewer only where
    no cell responds differently to different images.
    """
    varying = np.flatnonzero(np.ptp(trials.response, axis=0) > 0)
    if not varying.size or not refits:
        return np.empty(0)
    generator = np.random.default_rng([seed, 3])
    rounds = -(-refits // min(CELLS_AT_ONCE, varying.size))
    draws = [
        (
            generator.permutation(varying)[:CELLS_AT_ONCE],
            exchanged(trials.content, trials.block, generator),
        )
        for _ in range(rounds)
    ]

    def of_draw(draw: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        return _permuted_r(trials, *draw, threshold, strengths)

    found = []
    for number, r in enumerate(results_in_turn(of_draw, draws)):
        found.append(r)
        progress(number + 1, rounds, "encoding models of permuted images")
    return np.concatenate(found)


def _permuted_r(
    trials: FoldedTrials,
    cells: np.ndarray,
    order: np.ndarray,
    threshold: float,
    strengths: np.ndarray,
) -> np.ndarray:
    """`prediction_r` of some cells with the images in another order."""
    part = replace(trials, response=trials.response[:, cells], features=trials.features[order])
    predicted = np.zeros((len(part.features), len(cells)))
    for number, strength in enumerate(strengths):
        rows = _fold_prediction(part, number, threshold, strength, CHANCE_TOLERANCE)
        predicted[part.fold == number] = rows
    return prediction_r(predicted, part.trial_means())


def pooled_p(r: np.ndarray, chance: np.ndarray) -> np.ndarray:
    """One-sided p of each cell's r against the chance of all cells; NaN without either.

    (1 + number of chance values at least as large) / (1 + number of chance values).
    """
    if not chance.size:
        return np.full(len(r), np.nan)
    larger = chance.size - np.searchsorted(np.sort(chance), r, side="left")
    return np.where(np.isnan(r), np.nan, (1 + larger) / (1 + chance.size))


def noise_ceiling_r(reliability: np.ndarray) -> np.ndarray:
    """√ of the reliability of the trial means: the r of a perfect model; NaN where ≤ 0."""
    return np.sqrt(np.where(reliability > 0, reliability, np.nan))


def normalised(r: np.ndarray, ceiling: np.ndarray) -> np.ndarray:
    """r over its noise ceiling; NaN where that is below 0.3 or unknown."""
    return r / np.where(ceiling >= LOWEST_CEILING, ceiling, np.nan)


def median_interval(
    predicted: np.ndarray, measured: np.ndarray, content: np.ndarray, resamplings: int, seed: int
) -> tuple[float, float]:
    """95 % interval of the median r over cells, with the standard error of resampled images [ours].

    Median ± t · 1.2 · SE, with (images − 1)/2 degrees of freedom: images train each other's
    predictions, which widens the error by 1.1 to 1.3 in simulations. NaN without two images.
    Images of equal `content` (images,) are drawn together, and count as one.
    """
    r = resampled_r(predicted, measured, content, resamplings, seed)
    median = float(np.nanmedian(prediction_r(predicted, measured)))
    return widened_interval(median, np.median(r, axis=1), len(np.unique(content)))


def resampled_r(
    predicted: np.ndarray, measured: np.ndarray, content: np.ndarray, resamplings: int, seed: int
) -> np.ndarray:
    """`prediction_r` of resampled images, (resamplings, cells); 0 for cells that do not vary.

    Equal seeds draw equal images, so that predictions of the same responses can be compared.
    Images of equal `content` are drawn together: they are no evidence of their own.
    """
    label = _in_turn(content)
    different = int(label.max()) + 1
    draws = np.random.default_rng([seed, 2]).integers(0, different, (resamplings, different))
    count = np.apply_along_axis(np.bincount, 1, draws, minlength=different)[:, label]
    count = count / count.sum(axis=1, keepdims=True)
    varies = (np.ptp(measured, axis=0) > 0) & (np.ptp(predicted, axis=0) > 0)
    a, b = (rows[:, varies] - rows[:, varies].mean(axis=0) for rows in (predicted, measured))
    covariance = count @ (a * b) - (count @ a) * (count @ b)
    variance = (count @ a**2 - (count @ a) ** 2) * (count @ b**2 - (count @ b) ** 2)
    r = np.zeros((resamplings, len(varies)))
    r[:, varies] = covariance / np.sqrt(np.maximum(variance, np.finfo(float).tiny))
    return r


def _in_turn(content: np.ndarray) -> np.ndarray:
    """Numbers of contents from 0 in the order in which they come first."""
    _, first, label = np.unique(content, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[label]


def widened_interval(
    value: float, resampled: np.ndarray, images: int, widening: float = WIDENING
) -> tuple[float, float]:
    """95 % interval of `value`, from the same of resampled images; see `median_interval`.

    `widening` is the standard error over that of independent images.
    """
    error = widening * float(resampled.std())
    reach = float(stats.t.ppf(0.975, (images - 1) / 2)) * error
    return value - reach, value + reach

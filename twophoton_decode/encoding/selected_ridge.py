"""Ridge regression of each cell's response on the features selected for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.fitting.selected_features import permutation_z
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.folds.crossvalidation import balanced_folds
from twophoton_decode.encoding.ridge_weights import (
    cholesky_is_shorter,
    cholesky_ridge_weights,
    selected_ridge_weights,
    shifted_solution,
    smaller_gram,
)

STRENGTHS = tuple(10.0 ** (np.arange(-4, 5) / 2))
"""Strengths to choose from, relative to the mean eigenvalue of a cell's kernel."""
EXACT, SINGLE = 1e-8, 1e-4
"""Relative residuals: of reported models, and from which on single precision is enough."""
INNER_FOLDS = 5
CELLS_FOR_STRENGTH = 24
"""At most so many cells, those that depend most on the features, choose the strength."""


@dataclass(frozen=True, eq=False)
class SelectedRidge:
    """Encoding models of all cells, fitted to the same training images.

    Attributes
    ----------
    selected : ndarray of bool, shape (cells, features)
    weight : ndarray, shape (cells, features)
    target_mean : ndarray, shape (features,)
        Mean training features over presentations.
    strength : ndarray, shape (cells,)
        λ in squared units of the features; NaN where no feature was selected.
    """

    selected: np.ndarray
    weight: np.ndarray
    target_mean: np.ndarray
    strength: np.ndarray

    def deviation(self, features: np.ndarray) -> np.ndarray:
        """Predicted minus mean training response, shape (images, cells)."""
        return (features - self.target_mean) @ self.weight.T


@dataclass(frozen=True, eq=False)
class Regression:
    """Least squares over single trials, which needs only each image's mean response.

    With n_i presentations of image i, Σ_t (R_t − Σ_j w_j F_ij)² and Σ_i n_i (R̄_i − Σ_j w_j F_ij)²
    differ by a constant, so rows are images, scaled by √n_i.

    Attributes
    ----------
    features : ndarray, shape (features, images)
    response : ndarray, shape (cells, images)
    z : ndarray, shape (cells, features)
        See `permutation_z`.
    target_mean : ndarray, shape (features,)
    """

    features: np.ndarray
    response: np.ndarray
    z: np.ndarray
    target_mean: np.ndarray

    @classmethod
    def of(cls, training: TrainingResponses, features: np.ndarray) -> Regression:
        """From single trials of images with these features (images, features)."""
        mean = training.mean_target(features)
        root = np.sqrt(training.repeats)[:, None]
        scaled = root * (features - mean)
        response = (training.target_sums / root).T
        z = permutation_z(training, features - mean)
        return cls(np.ascontiguousarray(scaled.T), np.ascontiguousarray(response), z, mean)

    def fit(self, threshold: float, relative: float, tolerance: float = EXACT) -> SelectedRidge:
        """Select features with |z| above `threshold`, and weigh them.

        Weights are X(XᵀX + λI)⁻¹y over the selected features X, with λ = `relative` times the
        mean eigenvalue of XᵀX; a `tolerance` above that of single precision is met in it.
        """
        selected = np.abs(self.z) > threshold
        strength = relative * (selected @ (self.features**2).sum(axis=1)) / self.features.shape[1]
        some = selected.any(axis=1)
        weight = np.zeros(selected.shape)
        weight[some] = self._weights(selected[some], self.response[some], strength[some], tolerance)
        return SelectedRidge(selected, weight, self.target_mean, np.where(some, strength, np.nan))

    def _weights(
        self, selected: np.ndarray, response: np.ndarray, strength: np.ndarray, tolerance: float
    ) -> np.ndarray:
        if tolerance >= SINGLE:
            features = self.features.astype(np.float32)
            return selected_ridge_weights(features, response, selected, strength, tolerance)
        weight = np.zeros(selected.shape)
        short = cholesky_is_shorter(selected, self.features.shape[1])
        given = ((response[part], selected[part], strength[part]) for part in (short, ~short))
        weight[short] = cholesky_ridge_weights(self.features, *next(given))
        weight[~short] = selected_ridge_weights(self.features, *next(given), tolerance)
        return weight

    def paths(self, cells: np.ndarray, features: np.ndarray, threshold: float) -> np.ndarray:
        """Predicted deviations (strengths, images, cells) of other images, every strength."""
        predicted = np.zeros((len(STRENGTHS), len(features), len(cells)))
        centred = (features - self.target_mean).T
        for place, cell in enumerate(cells):
            selected = np.abs(self.z[cell]) > threshold
            if selected.any():
                X, test = self.features[selected], centred[selected]
                predicted[:, :, place] = _path(X, self.response[cell], test)
        return predicted


def _path(X: np.ndarray, y: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Predictions (strengths, images) at `test` (features, images) of ridge on X for y."""
    given, asked = (X @ y, test) if len(X) < X.shape[1] else (y, X.T @ test)
    gram = smaller_gram(X)
    mean = np.trace(gram) / X.shape[1]
    return np.stack([shifted_solution(gram, given, each * mean) for each in STRENGTHS]) @ asked


def chosen_strength(
    training: TrainingResponses, features: np.ndarray, threshold: float, seed: int
) -> float:
    """The relative strength that best predicts images left out of an inner fit.

    One for all cells: it has the smallest squared error of the trial means over inner folds,
    each cell's error relative to the variance of its responses. Cells that respond alike to all
    of them have no say.
    """
    group = training.group_of_target
    size = np.bincount(group)
    fold = balanced_folds(size, min(INNER_FOLDS, len(size)), seed)[group]
    z = permutation_z(training, features - training.mean_target(features))
    cells = np.argsort(-(z**2).sum(axis=1), kind="stable")[:CELLS_FOR_STRENGTH]
    response = training.responses[:, cells]
    predicted = np.zeros((len(STRENGTHS), len(features), len(cells)))
    for number in range(fold.max() + 1):
        part = training_part(response, training.target, fold != number, group)
        regression = Regression.of(part, features[fold != number])
        test = features[fold == number]
        predicted[:, fold == number] = regression.paths(np.arange(len(cells)), test, threshold)
    measured = training.target_sums[:, cells] / training.repeats[:, None]
    varies = np.ptp(measured, axis=0) > 0
    measured -= measured.mean(axis=0)
    error = ((predicted - measured) ** 2).sum(axis=1)[:, varies]
    share = error / (measured**2).sum(axis=0)[varies]
    return STRENGTHS[int(np.argmin(share.sum(axis=1)))]


def training_part(
    response: np.ndarray, image: np.ndarray, known: np.ndarray, content: np.ndarray
) -> TrainingResponses:
    """The presentations of the images that are `known` (images,), renumbered.

    Inner folds keep images of equal `content` (images,) together.
    """
    rows = known[image]
    target = (np.cumsum(known) - 1)[image[rows]]
    group = np.unique(content[known], return_inverse=True)[1][target]
    return TrainingResponses(response[rows], target, group)

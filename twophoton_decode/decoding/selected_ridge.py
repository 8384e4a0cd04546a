"""Ridge regression of each cell's response on the features selected for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.encoding import selected_features
from twophoton_decode.decoding.training import TrainingResponses

STRENGTHS = tuple(10.0 ** (np.arange(-8, 13) / 4))
"""Strengths to choose from, relative to the mean eigenvalue of the selected features' kernel."""


@dataclass(frozen=True, eq=False)
class SelectedRidge:
    """Encoding models of all cells, fitted to the same training images.

    Attributes
    ----------
    selected : ndarray of bool, shape (cells, features)
    weight : ndarray, shape (cells, features)
    strength : ndarray, shape (cells,)
        NaN where no feature was selected.
    target_mean : ndarray, shape (features,)
        Mean training features over presentations.
    """

    selected: np.ndarray
    weight: np.ndarray
    strength: np.ndarray
    target_mean: np.ndarray

    def deviation(self, features: np.ndarray) -> np.ndarray:
        """Predicted response minus the mean training response, shape (images, cells)."""
        return (features - self.target_mean) @ self.weight.T


def fit_selected_ridge(
    training: TrainingResponses, features: np.ndarray, threshold: float
) -> SelectedRidge:
    """Select each cell's features and fit their weights to single-trial responses."""
    mean = training.mean_target(features)
    centred = features - mean
    selected = selected_features(training, centred, threshold)
    root = np.sqrt(training.repeats)[:, None]
    X, Y = root * centred, training.target_sums / root
    weight = np.zeros(selected.shape)
    strength = np.full(len(selected), np.nan)
    for cell in np.flatnonzero(selected.any(axis=1)):
        chosen = X[:, selected[cell]]
        weight[cell, selected[cell]], strength[cell] = _fit(chosen, Y[:, cell], root[:, 0])
    return SelectedRidge(selected, weight, strength, mean)


def _fit(X: np.ndarray, y: np.ndarray, root: np.ndarray) -> tuple[np.ndarray, float]:
    values, vectors = np.linalg.eigh(X @ X.T)
    values = values.clip(min=0)
    strengths = np.asarray(STRENGTHS) * values.mean()
    shrunk = values / (values + strengths[:, None])
    part = vectors.T @ y
    residual = y - (shrunk * part) @ vectors.T
    leverage = shrunk @ (vectors**2).T + root**2 / (root**2).sum()
    error = ((residual / np.maximum(1 - leverage, 1e-6)) ** 2).sum(axis=1)
    best = strengths[error.argmin()]
    return X.T @ (vectors @ (part / (values + best))), float(best)

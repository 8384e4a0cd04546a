"""Which features does a cell respond to?"""

from __future__ import annotations

import numpy as np

from twophoton_decode.decoding.fitting.training import TrainingResponses

THRESHOLD = 2.0**0.5
"""In standard deviations of the correlation under permuted images: a regressor whose squared
z exceeds 2 lowers the expected error on new images (Mallows 1973, Akaike 1974)."""


def selected_features(
    training: TrainingResponses, targets: np.ndarray, threshold: float = THRESHOLD
) -> np.ndarray:
    """The features that each cell's encoding model uses.

    A feature is selected when its correlation with the cell's single-trial response
    passes a threshold [paper]; the threshold is [ours]: `threshold` standard deviations
    of that correlation when the images are permuted over the cell's responses. This counts
    images, not presentations, since repeats of an image do not add to the number of
    feature values that were seen.

    Parameters
    ----------
    training : TrainingResponses
    targets : ndarray, shape (targets, features)
        Centred features of each training image.

    Returns
    -------
    ndarray of bool, shape (cells, features)
        A constant cell or feature is never selected.
    """
    return np.abs(permutation_z(training, targets)) > threshold


def permutation_z(training: TrainingResponses, targets: np.ndarray) -> np.ndarray:
    """Covariance of response and feature over presentations, in units of its null's SD.

    With a_i the centred responses summed over the presentations of image i, the covariance
    is Σ_i a_i f_i; permuting the f_i gives it the variance Σ (a_i − ā)² Σ (f_i − f̄)² / (I − 1).

    Returns
    -------
    ndarray, shape (cells, features), dimensionless; zero where either is constant.
    """
    sums = _unit_columns(training.target_sums)
    features = _unit_columns(targets - targets.mean(axis=0))
    return sums.T @ features * np.sqrt(max(len(targets) - 1, 1))


def _unit_columns(columns: np.ndarray) -> np.ndarray:
    """Columns at unit norm; zero where one is only rounding against the largest."""
    norm = np.linalg.norm(columns, axis=0)
    real = norm > 1e-12 * max(norm.max(initial=0.0), np.finfo(float).tiny)
    return np.divide(columns, norm, out=np.zeros_like(columns), where=real)

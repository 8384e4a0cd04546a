"""What all affine decoders share: ŝ = m + Σ_k w_k (R_k − R̄_k), fitted on single trials."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from twophoton_decode.decoding.fitting.readout import AffineReadout
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.errors import ResponseError
from twophoton_decode.statistics.by_image import identical_rows

Solver = Callable[[np.ndarray], AffineReadout]
"""Centred targets (targets, features) to their readout, reusing what the responses fix."""


class AffineDecoder(MultiOutputMixin, RegressorMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """A linear read-out of features from responses; a subclass says how it is solved.

    An estimator as scikit-learn has them: `fit`, `predict`, `score`, `get_params`.

    Attributes
    ----------
    coef_ : ndarray, shape (cells, features)
        What one unit of a cell's response adds to each feature.
    response_mean_ : ndarray, shape (cells,)
        Mean training response, R̄.
    target_mean_ : ndarray, shape (features,)
        Mean training target over presentations, m.
    strength_ : float
        The regularisation chosen inside training; NaN if there is none.
    warnings_ : list of str
        What a reader must know about this fit.
    readout_ : AffineReadout
        The fit; see there.
    """

    response_mean_: np.ndarray
    target_mean_: np.ndarray
    strength_: float
    warnings_: list[str]
    readout_: AffineReadout
    _one_feature = False

    @abstractmethod
    def factorise(self, training: TrainingResponses) -> Solver:
        """Do all the work that does not depend on the targets, once for many targets."""

    def fit(self, R: np.ndarray, Y: np.ndarray, groups: np.ndarray | None = None) -> Self:
        """Fit the features Y to single-trial responses R.

        Parameters
        ----------
        R : ndarray, shape (presentations, cells)
        Y : ndarray, shape (presentations, features) or (presentations,)
            Features of the image shown at each presentation.
        groups : ndarray, shape (presentations,), optional
            Presentations that inner cross-validation keeps together; by default those
            with identical rows of Y, that is, repeats of an image.

        Raises
        ------
        ResponseError
            For values that are NaN or infinite, or shapes that do not fit each other; it is
            a ValueError too.
        ArgumentError
            For a parameter of the decoder out of its range; it is a ValueError too.
        """
        R, Y = _checked(self, R, Y)
        self._one_feature = Y.ndim == 1
        Y = Y.reshape(len(Y), -1)
        target, first = identical_rows(Y)
        group = target if groups is None else _numbered(groups, len(Y))
        training = TrainingResponses(R, target, group)
        training.require_change()
        self.fit_by(training, Y[first], self.factorise(training))
        _ = self.coef_  # computed now, so that predicting changes nothing
        return self

    def fit_by(self, training: TrainingResponses, targets: np.ndarray, solve: Solver) -> Self:
        """Fit `targets` (one row per target of `training`) by a solver made for it."""
        self.response_mean_ = training.mean
        self.target_mean_ = training.mean_target(targets)
        self.readout_ = solve(targets - self.target_mean_).about(training.centring)
        self.strength_ = self.readout_.strength
        self.warnings_ = list(self.readout_.warnings)
        return self

    @property
    def coef_(self) -> np.ndarray:
        """What one unit of a cell's response adds to each feature, (cells, features)."""
        return self.readout_.weights()

    def affine_weights(self, trials: int) -> np.ndarray:
        """As `contract.Affine` says."""
        return self.readout_.weights(trials)

    def inner_error(self) -> float:
        """Squared error on images left out inside training; NaN if none is known."""
        return self.readout_.inner_error()

    def predict(self, R: np.ndarray) -> np.ndarray:
        """Features from responses (presentations, cells), shaped as those of the fit."""
        check_is_fitted(self)
        R = _validated(self, R, reset=False)
        predicted = self.target_mean_ + (R - self.response_mean_) @ self.coef_
        return predicted[:, 0] if self._one_feature else predicted


class _InputError(ResponseError, ValueError):
    """What scikit-learn expects to be a ValueError."""


def _checked(decoder: Any, R: Any, Y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Responses and features as float64 arrays; `n_features_in_` is learned."""
    shapes = tuple(getattr(values, "shape", None) for values in (R, Y))
    if Y is None:
        raise _InputError("a decoder requires y to be passed, but the target y is None.")
    try:
        check_consistent_length(R, Y)
        R = _validated(decoder, R, reset=True, ensure_min_samples=2)
        Y = check_array(Y, ensure_2d=False, dtype=float, ensure_all_finite=False)
    except ValueError as error:
        raise _InputError(
            f"{error} A decoder needs responses (presentations, cells) and features "
            "(presentations, features) of at least two presentations, found the "
            f"shapes {shapes[0]} and {shapes[1]}."
        ) from error
    _require_finite("features", Y)
    return R, Y


def _numbered(groups: np.ndarray, presentations: int) -> np.ndarray:
    """Groups as numbers 0…groups-1."""
    if np.shape(groups) != (presentations,):
        raise _InputError(
            f"groups must be one number or name for each of {presentations} presentations, found "
            f"the shape {np.shape(groups)}."
        )
    return np.unique(groups, return_inverse=True)[1]


def _validated(decoder: Any, R: Any, **options: Any) -> np.ndarray:
    R = validate_data(decoder, R, dtype=float, ensure_all_finite=False, **options)
    _require_finite("responses", R)
    return R


def _require_finite(name: str, values: np.ndarray) -> None:
    if not np.isfinite(values).all():
        count = int(np.count_nonzero(~np.isfinite(values)))
        raise _InputError(f"{count} of the {values.size} {name} are NaN or infinite.")

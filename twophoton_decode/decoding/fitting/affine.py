"""What all affine decoders share: ŝ = m + Σ_k w_k (R_k − R̄_k), fitted on single trials."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    check_is_fitted,
    validate_data,
)

from twophoton_decode.decoding.fitting.thin_weights import Mixture
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.errors import ResponseError
from twophoton_decode.statistics.by_image import identical_rows


@dataclass(frozen=True)
class Solution:
    """Weights for one set of targets, shape (cells, features), and how they came about.

    `mixture` (cells, targets) is given where the weights are a mixture of the targets,
    ``coef = mixture @ targets``: a reconstruction then mixes training images, and need not
    pass through the features. With one, `coef` may be None and is computed when asked for.

    `coef_for`, given where the mean over n trials is decoded by other weights than a single
    trial, returns those for n; `coef`, ``coef_for(1)``, may then be None until asked for.
    `readout_for`, where these weights are a product of thin matrices, returns for n the first
    one, (cells, directions); the second is the same for all n and targets, the decoder's `axes`
    (directions, features), or the identity where these are None. `amplitude_for` then returns
    factors (directions,) to put between the two. They must not change R: one for all
    directions, but for a mean luminance.

    `posterior_for`, given by decoders that know how sure they are, returns for the mean over n
    trials a matrix A (any, features) with AᵀA the posterior covariance of the features.

    `inner_error` is the squared error on images left out inside training, or how to compute
    it; by it the transform of the responses is chosen. A decoder that has none, NaN, gets
    them as they are.
    """

    coef: np.ndarray | None
    strength: float = float("nan")
    warnings: tuple[str, ...] = ()
    mixture: np.ndarray | Mixture | None = None
    coef_for: Callable[[int], np.ndarray] | None = None
    readout_for: Callable[[int], np.ndarray] | None = None
    amplitude_for: Callable[[int], np.ndarray] | None = None
    posterior_for: Callable[[int], np.ndarray] | None = None
    inner_error: float | Callable[[], float] = float("nan")


Solver = Callable[[np.ndarray], Solution]
"""Centred targets (targets, features) to their weights, reusing what the responses fix."""


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
    mixture_ : ndarray or Mixture, shape (cells, targets), or None
        See `Solution`.
    coef_for, readout_for, amplitude_for, posterior_for : callable or None
        What depends on the number of trials that are averaged; see `Solution`.
    inner_error_ : float
        Squared error on images left out inside training; NaN if none was computed.
    """

    response_mean_: np.ndarray
    target_mean_: np.ndarray
    strength_: float
    warnings_: list[str]
    mixture_: np.ndarray | Mixture | None
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
        """
        R, Y = _checked(self, R, Y)
        self._one_feature = Y.ndim == 1
        Y = Y.reshape(len(Y), -1)
        target, first = identical_rows(Y)
        group = target if groups is None else _numbered(groups, len(Y))
        training = TrainingResponses(R, target, group)
        training.require_change()
        self.take(training, Y[first], self.factorise(training))
        _ = self.coef_  # computed now, so that predicting changes nothing
        return self

    def take(self, training: TrainingResponses, targets: np.ndarray, solve: Solver) -> Self:
        """Fit `targets` (one row per target of `training`) by a solver made for it."""
        self.response_mean_ = training.mean
        self.target_mean_ = training.mean_target(targets)
        self._centred = targets - self.target_mean_
        solution = solve(self._centred)
        self._coef, self.strength_ = solution.coef, solution.strength
        self.mixture_, self._coef_for = solution.mixture, solution.coef_for
        self._posterior_for, self._readout_for = solution.posterior_for, solution.readout_for
        self._amplitude_for = solution.amplitude_for
        self._inner_error = solution.inner_error
        self.warnings_ = list(solution.warnings)
        return self

    @property
    def coef_(self) -> np.ndarray:
        """What one unit of a cell's response adds to each feature, (cells, features)."""
        if self._coef is None and self._coef_for is not None:
            self._coef = self._coef_for(1)
        elif self._coef is None:
            self._coef = np.asarray(self.mixture_ @ self._centred)
        return self._coef

    @property
    def coef_for(self) -> Callable[[int], np.ndarray] | None:
        """Weights for the mean over so many trials, where they differ; see `Solution`."""
        return self._coef_for

    @property
    def readout_for(self) -> Callable[[int], np.ndarray] | None:
        """The first factor of these weights, where they have two; see `Solution`."""
        return self._readout_for

    @property
    def amplitude_for(self) -> Callable[[int], np.ndarray] | None:
        """What the reconstruction from so many trials is scaled by; see `Solution`."""
        return self._amplitude_for

    @property
    def posterior_for(self) -> Callable[[int], np.ndarray] | None:
        """A with AᵀA the covariance of the features after so many trials; see `Solution`."""
        return self._posterior_for

    @property
    def inner_error_(self) -> float:
        """Squared error on images left out inside training; NaN if none is known."""
        error = self._inner_error
        return error() if callable(error) else error

    def predict(self, R: np.ndarray) -> np.ndarray:
        """Features from responses (presentations, cells), shaped as those of the fit."""
        check_is_fitted(self)
        R = _validated(self, R, reset=False)
        predicted = self.target_mean_ + (R - self.response_mean_) @ self.coef_
        return predicted[:, 0] if self._one_feature else predicted

    def __getstate__(self) -> dict[str, Any]:
        """What can be copied to another process: everything but what is computed on demand."""
        state = dict(super().__getstate__())
        for name in ("_coef_for", "_readout_for", "_amplitude_for", "_posterior_for"):
            if state.get(name) is not None:
                state[name] = _left_behind
        if callable(state.get("_inner_error")):
            state["_inner_error"] = float("nan")
        return state


def _left_behind(trials: int) -> np.ndarray:
    raise ResponseError(
        f"what is known of the mean over {trials} trials was left in the process that fitted "
        "this decoder. Fit it again here."
    )


def refitting(make: Callable[[], Any], training: TrainingResponses) -> Callable[[np.ndarray], Any]:
    """A function from targets (one row per target of `training`) to a fitted decoder.

    A decoder with `factorise` does what depends on the responses only once for all
    targets; any other one is fitted anew for each.
    """
    training.require_change()
    if not hasattr(make(), "factorise"):
        return lambda targets: make().fit(
            training.responses, targets[training.target], training.group
        )
    solve = make().factorise(training)
    return lambda targets: make().take(training, targets, solve)


def choosing(
    make: Callable[[], Any], training: TrainingResponses, transforms: Sequence[str]
) -> Callable[[np.ndarray], tuple[Any, str]]:
    """A function from targets to a decoder of transformed responses, and the transform.

    Of the transforms, the one whose decoder has the smallest inner error for these targets is
    taken [ours]; the first one if the decoder reports no error. Responses are transformed, and
    what depends on them is done, once for all targets.
    """

    @cache
    def refit(transform: str) -> Callable[[np.ndarray], Any]:
        return refitting(make, training.read_as(transform))

    def choose(targets: np.ndarray) -> tuple[Any, str]:
        best, taken = refit(transforms[0])(targets), transforms[0]
        if len(transforms) == 1:
            return best, taken
        if np.isnan(getattr(best, "inner_error_", np.nan)):
            return best, taken
        for transform in transforms[1:]:
            decoder = refit(transform)(targets)
            if decoder.inner_error_ < best.inner_error_:
                best, taken = decoder, transform
        return best, taken

    return choose


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

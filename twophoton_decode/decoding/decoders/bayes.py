"""Posterior mean of the image under a natural-image prior and a linear encoding model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Self

import numpy as np
from scipy import linalg

from twophoton_decode.decoding.affine import AffineDecoder, Solution, Solver
from twophoton_decode.decoding.linear_gaussian import ImageData
from twophoton_decode.decoding.training import TrainingResponses
from twophoton_decode.features import LinearFeatures
from twophoton_decode.features._natural_prior import natural_components

COMPONENTS = 100
"""Directions of the prior, in feature spaces that do not declare their own variance."""
NOISES = (1.0,)
"""Factors on the noise to choose from: it is estimated, so it needs none."""
SHRINKAGES = (0.1, 0.4, 0.7, 1.0)
"""Shares of the trial covariance's off-diagonal part that are given up, to choose from."""
POWERS = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""Weight priors Λ = C^power to choose from: from whitening images to as smooth as they are."""
INNER_FOLDS = 10
TOO_FEW = (
    "bayes: fewer than three groups of training images: noise and shrinkage could not be chosen "
    "and have their default values."
)


class Decoder(AffineDecoder):
    """Ŝ = m + C Wᵀ (W C Wᵀ + Ψ + U + Φ/n)⁻¹ (R̄_n − R̄), the posterior mean [ours].

    After Naselaris et al. (2009) and Nishimoto et al. (2011). Images are S ~ N(m, C), and
    cells encode them linearly, with weights W_k ~ N(0, s_k Λ) that have a prior of their
    own. Φ is the trial covariance, shrunk to its diagonal; Ψ the misfit that averaging
    trials does not remove; U what the weights' uncertainty adds. A mean over n trials is
    decoded by its own noise level (`coef_for`); `coef_` is for single trials.

    The power p of Λ = C^p and the shrinkage, which is `strength_`, are chosen by the squared
    error of single trials and averages over training images left out in ten groups,
    everything refitted [ours].

    Parameters
    ----------
    axes : ndarray, shape (directions, features), optional
        Orthonormal directions in which features are independent a priori; by default
        the features themselves.
    variance : ndarray, shape (directions,), optional
        Of images along these, up to a common factor; equal by default.
    noises, shrinkages, powers : sequences of float
        To choose from: factors on the noise, shares of the off-diagonal trial
        covariance given up, and powers p of Λ = C^p.
    """

    def __init__(
        self,
        axes: np.ndarray | None = None,
        variance: np.ndarray | None = None,
        noises: Sequence[float] = NOISES,
        shrinkages: Sequence[float] = SHRINKAGES,
        powers: Sequence[float] = POWERS,
    ) -> None:
        self.axes = axes
        self.variance = variance
        self.noises = noises
        self.shrinkages = shrinkages
        self.powers = powers

    @classmethod
    def for_features(cls, space: LinearFeatures) -> Self:
        """The prior as the feature space sees it: its own variances, or natural images encoded."""
        variance = getattr(space, "variance", None)
        if variance is not None:
            return cls(variance=variance)
        return cls(*_encoded_prior(space))

    def factorise(self, training: TrainingResponses) -> Solver:
        """The responses of the cells that ever change; what images tell about them is refitted."""
        responses = training.centred[:, training.changing]
        group = _group_of_target(training)

        def solve(targets: np.ndarray) -> Solution:
            data = self._images(responses, training.target, targets)
            chosen, warnings = self._choose(data, _inner_folds(targets, group))
            model = data.population(chosen.power)

            @cache
            def coef_for(trials: int) -> np.ndarray:
                coef = np.zeros((training.cells, targets.shape[1]))
                found = model.readouts(trials, (chosen.noise,), chosen.shrinkage)[0]
                coef[training.changing] = found if self.axes is None else found @ self.axes
                return coef

            return Solution(coef_for(1), chosen.shrinkage, warnings, coef_for=coef_for)

        return solve

    def _images(self, responses: np.ndarray, target: np.ndarray, targets: np.ndarray) -> ImageData:
        along = targets if self.axes is None else targets @ self.axes.T
        variance = np.ones(along.shape[1]) if self.variance is None else self.variance
        return ImageData(responses, target, along, variance)

    def _choose(self, data: ImageData, fold: np.ndarray) -> tuple[_Strengths, tuple[str, ...]]:
        """The strengths with the least error on images left out."""
        if fold.max() < 2:
            return _Strengths(), (TOO_FEW,)
        # Powers of equal variances are all the same prior.
        powers = self.powers if np.ptp(data.variance) > 0 else (0.0,)
        offered = list(product(powers, self.shrinkages))
        error = np.zeros((len(offered), len(self.noises)))
        for number in range(fold.max() + 1):
            part, left_out = data.part(fold != number), data.part(fold == number)
            model = {power: part.population(power) for power in powers}
            for row, (power, shrinkage) in enumerate(offered):
                error[row] += model[power].errors(left_out, self.noises, shrinkage)
        row, column = divmod(int(error.argmin()), len(self.noises))
        return _Strengths(*offered[row], self.noises[column]), ()


@dataclass(frozen=True)
class _Strengths:
    """What inner cross-validation chooses; the defaults are for too few images to do so."""

    power: float = 0.0
    shrinkage: float = 0.5
    noise: float = 1.0


def _group_of_target(training: TrainingResponses) -> np.ndarray:
    group = np.empty(len(training.repeats), dtype=np.int64)
    group[training.target] = training.group
    return np.unique(group, return_inverse=True)[1]


def _inner_folds(targets: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The inner fold of each target; groups dealt out in order of their images' contrast.

    So the folds are alike, and depend on the images but not on the order they came in.
    """
    contrast = np.bincount(group, (targets**2).sum(axis=1))
    rank = np.argsort(np.argsort(contrast, kind="stable"))
    return (rank % INNER_FOLDS)[group]


def _encoded_prior(space: LinearFeatures) -> tuple[np.ndarray, np.ndarray]:
    """Axes and variances of natural images' covariance, sent through a feature space."""
    components, variance = natural_components(space.shape, COMPONENTS)
    pictures = (np.sqrt(variance)[:, None] * components).reshape(-1, *space.shape)
    spread, axes = linalg.svd(space.encode(pictures), full_matrices=False)[1:]
    kept = spread > 1e-6 * spread[0]
    return axes[kept], spread[kept] ** 2

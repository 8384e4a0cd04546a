"""Posterior mean of the image under a natural-image prior and a linear encoding model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Self, cast

import numpy as np
from scipy import linalg

from twophoton_decode.decoding.affine import AffineDecoder, Solution, Solver
from twophoton_decode.decoding.leave_group_out import STRENGTHS, strengths_choice
from twophoton_decode.decoding.linear_gaussian import fit_encoding
from twophoton_decode.decoding.response_noise import ResponseNoise, TrialNoise
from twophoton_decode.decoding.training import TrainingResponses
from twophoton_decode.features import LinearFeatures
from twophoton_decode.features._natural_prior import learned_variance, natural_components
from twophoton_decode.kernels.positive_definite import solve_positive

COMPONENTS = 100
"""Directions of the prior, in feature spaces that do not declare their own variance."""
WEIGHT_POWER = -0.25
"""Weight prior Λ = C^p: cells see images a little whitened [ours]."""
COARSE = STRENGTHS[::4]
"""Strengths of the ridge regression by whose inner error a transform is chosen."""


class Decoder(AffineDecoder):
    """Ŝ = m + C Wᵀ (W C Wᵀ + Ψ + U + Φ/n)⁻¹ (R̄_n − R̄), the posterior mean [ours].

    After Naselaris et al. (2009) and Nishimoto et al. (2011). Images are S ~ N(m, C), and
    cells encode them linearly, with weights W_k ~ N(0, s_k Λ), Λ = C₀^p, that have a prior
    of their own. C₀ is the covariance of natural images; C is what the training images
    make of it. Φ is the trial covariance, Ψ the misfit that averaging trials does not
    remove; U what the weights' uncertainty adds. A mean over n trials is decoded by its
    own noise level (`coef_for`); `coef_` is for single trials. `posterior_for` tells how
    sure the picture is.

    Nothing is chosen by cross-validation: whatever differs between recordings is
    estimated from the training part. `inner_error_`, by which a transform of the responses
    can be chosen, is that of ridge regression on the same presentations.

    Parameters
    ----------
    axes : ndarray, shape (directions, features), optional
        Orthonormal directions in which features are independent a priori; by default
        the features themselves.
    variance : ndarray, shape (directions,), optional
        Of natural images along these, up to a common factor; equal by default.
    weight_power : float
        The power p of the weight prior.
    """

    def __init__(
        self,
        axes: np.ndarray | None = None,
        variance: np.ndarray | None = None,
        weight_power: float = WEIGHT_POWER,
    ) -> None:
        self.axes = axes
        self.variance = variance
        self.weight_power = weight_power

    @classmethod
    def for_features(cls, space: LinearFeatures) -> Self:
        """The prior as the feature space sees it: its own variances, or natural images encoded."""
        variance = getattr(space, "variance", None)
        if variance is not None:
            return cls(variance=variance)
        return cls(*_encoded_prior(cast("Any", space)))

    def factorise(self, training: TrainingResponses) -> Solver:
        """What depends on responses only: image means and the trial noise."""
        changing = training.changing
        trial = TrialNoise.of(training.centred[:, changing], training.target)
        means = (training.target_sums / training.repeats[:, None])[:, changing]
        ridge = cache(lambda: strengths_choice(training, COARSE))

        def solve(targets: np.ndarray) -> Solution:
            model = self._posterior(means, trial, targets, training.group_of_target)

            @cache
            def readout_for(trials: int) -> np.ndarray:
                readout = np.zeros((training.cells, len(model.variance)))
                readout[changing] = model.readout(trials)
                return readout

            def coef_for(trials: int) -> np.ndarray:
                return self._features(readout_for(trials))

            def posterior_for(trials: int) -> np.ndarray:
                spread = self._features(model.spread(trials))
                return spread if self.axes is None else self._with_remainder(spread, targets)

            return Solution(
                None,
                coef_for=coef_for,
                readout_for=readout_for,
                posterior_for=posterior_for,
                inner_error=lambda: ridge()(targets).error,
            )

        return solve

    def _posterior(
        self, means: np.ndarray, trial: TrialNoise, targets: np.ndarray, group: np.ndarray
    ) -> Posterior:
        """The encoding model and the prior that training images and responses give."""
        image = targets if self.axes is None else targets @ self.axes.T
        natural = np.ones(image.shape[1]) if self.variance is None else np.asarray(self.variance)
        variance = learned_variance(image - image.mean(axis=0), natural)
        prior = (natural / natural.max()) ** self.weight_power
        encoding = fit_encoding(means, image, variance, prior, trial.own / trial.trials, group)
        return Posterior(encoding.weights, variance, ResponseNoise.of(trial, encoding))

    def _features(self, along: np.ndarray) -> np.ndarray:
        return along if self.axes is None else along @ self.axes

    def _with_remainder(self, spread: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """With what images have outside the prior's directions, which responses say nothing of."""
        outside = (
            targets - (targets @ self.axes.T) @ self.axes if self.axes is not None else targets
        )
        return np.concatenate([spread, outside / np.sqrt(len(targets))])


@dataclass(frozen=True, eq=False)
class Posterior:
    """Images given responses: `weights` W (cells, directions), C's diagonal, and the noise N."""

    weights: np.ndarray
    variance: np.ndarray
    noise: ResponseNoise

    def readout(self, trials: int) -> np.ndarray:
        """N⁻¹ W (C⁻¹ + Wᵀ N⁻¹ W)⁻¹, which is (C Wᵀ (W C Wᵀ + N)⁻¹)ᵀ, (cells, directions)."""
        whitened, information = self._information(trials)
        root = np.diag(np.sqrt(self.variance))
        readout: np.ndarray = whitened @ solve_positive(information, root)
        return readout

    def spread(self, trials: int) -> np.ndarray:
        """A with AᵀA the posterior covariance (C⁻¹ + Wᵀ N⁻¹ W)⁻¹, (directions, directions)."""
        factor = linalg.cholesky(self._information(trials)[1], lower=True)
        root = np.diag(np.sqrt(self.variance))
        spread: np.ndarray = linalg.solve_triangular(factor, root, lower=True)
        return spread

    def _information(self, trials: int) -> tuple[np.ndarray, np.ndarray]:
        """N⁻¹ W √C, and I + √C Wᵀ N⁻¹ W √C."""
        encoded = self.weights * np.sqrt(self.variance)
        whitened = self.noise.solve(trials, encoded)
        information = encoded.T @ whitened
        information[np.diag_indices_from(information)] += 1.0
        return whitened, information


@lru_cache(maxsize=4)
def _encoded_prior(space: Any) -> tuple[np.ndarray, np.ndarray]:
    """Axes and variances of natural images' covariance, sent through a feature space."""
    components, variance = natural_components(space.shape, COMPONENTS)
    pictures = (np.sqrt(variance)[:, None] * components).reshape(-1, *space.shape)
    spread, axes = linalg.svd(space.encode(pictures), full_matrices=False)[1:]
    kept = spread > 1e-6 * spread[0]
    axes, along = axes[kept], spread[kept] ** 2
    axes.flags.writeable = along.flags.writeable = False
    return axes, along

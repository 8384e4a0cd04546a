"""Posterior mean of the image under a natural-image prior and a linear encoding model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Self, cast

import numpy as np
from scipy import linalg

from twophoton_decode.decoding.bayes.encoding_model import fit_encoding
from twophoton_decode.decoding.bayes.noise import ResponseNoise, TrialNoise
from twophoton_decode.decoding.fitting.affine import AffineDecoder, Solver
from twophoton_decode.decoding.fitting.amplitude import InnerFold, amplitude, inner_folds
from twophoton_decode.decoding.fitting.readout import TrialReadout
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.strength import STRENGTHS, choose_penalty_per_feature
from twophoton_decode.features import KnownVariance, LinearFeatures
from twophoton_decode.features._luminance import WithLuminance, shows_luminance
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
    own noise level (`affine_weights`); `coef_` is for single trials. `posterior_factor`
    tells how sure the picture is.

    Everything in this is estimated from the training part, without cross-validation. How
    large the reconstruction is, is then corrected: the posterior mean is multiplied by the
    factor that suits images left out inside training (`decoding.amplitude`). `inner_error`, by
    which a transform of the responses can be chosen, is that of ridge regression on the
    same presentations.

    Parameters
    ----------
    axes : ndarray, shape (directions, features), optional
        Orthonormal directions in which features are independent a priori; by default
        the features themselves.
    variance : ndarray, shape (directions,), optional
        Of natural images along these, up to a common factor; equal by default.
    weight_power : float
        The power p of the weight prior.
    luminance_last : bool
        The last direction is the mean luminance: it has a model of its own, as if it were
        the only one, and an amplitude of its own.
    """

    def __init__(
        self,
        axes: np.ndarray | None = None,
        variance: np.ndarray | None = None,
        weight_power: float = WEIGHT_POWER,
        luminance_last: bool = False,
    ) -> None:
        self.axes = axes
        self.variance = variance
        self.weight_power = weight_power
        self.luminance_last = luminance_last

    @staticmethod
    def extended(space: LinearFeatures) -> LinearFeatures:
        """With the mean luminance as a last feature, if the space does not show it."""
        return space if shows_luminance(space) else WithLuminance(space)

    @classmethod
    def for_features(cls, space: LinearFeatures) -> Self:
        """The prior as the feature space sees it: its own variances, or natural images encoded."""
        if isinstance(space, WithLuminance):
            axes, along = _encoded_prior(cast("Any", space.pattern))
            block = linalg.block_diag(axes, 1.0)
            return cls(block, np.append(along, 1.0), luminance_last=True)
        if isinstance(space, KnownVariance):
            return cls(variance=space.variance)
        return cls(*_encoded_prior(cast("Any", space)))

    def predict_mean(self, R: np.ndarray, trials: int) -> np.ndarray:
        """As `contract.Averages` says."""
        return self.target_mean_ + (R - self.response_mean_) @ self.affine_weights(trials)

    def posterior_factor(self, trials: int) -> np.ndarray:
        """As `contract.Uncertain` says."""
        return cast("np.ndarray", self.readout_.covariance(trials))

    def factorise(self, training: TrainingResponses) -> Solver:
        """What depends on responses only: image means and the trial noise."""
        changing = training.changing
        trial = TrialNoise.of(training.centred[:, changing], training.target)
        means = (training.target_sums / training.repeats[:, None])[:, changing]
        ridge = cache(lambda: choose_penalty_per_feature(training, COARSE))
        folds = cache(lambda: inner_folds(training, changing))

        def solve(targets: np.ndarray) -> TrialReadout:
            image = targets if self.axes is None else targets @ self.axes.T
            group = training.group_of_target
            model = self._model(means, trial, image, group)

            @cache
            def inner() -> list[tuple[InnerFold, Model]]:
                return [
                    (
                        fold,
                        self._model(fold.means, fold.trial, image[fold.known], group[fold.known]),
                    )
                    for fold in folds()
                ]

            @cache
            def amplitude_for(trials: int) -> np.ndarray:
                return model.amplitude(inner(), image, trials)

            @cache
            def readout_for(trials: int) -> np.ndarray:
                readout = np.zeros((training.cells, image.shape[1]))
                readout[changing] = model.readout(trials)
                return readout

            def posterior_for(trials: int) -> np.ndarray:
                spread = self._features(model.spread(trials, amplitude_for(trials)))
                return spread if self.axes is None else self._with_remainder(spread, targets)

            return TrialReadout(
                readout_for,
                self.axes,
                amplitude_for,
                posterior_for,
                error=lambda: ridge()(targets).error,
            )

        return solve

    def _model(
        self, means: np.ndarray, trial: TrialNoise, image: np.ndarray, group: np.ndarray
    ) -> Model:
        """Posteriors of the pattern and, if it is apart, of the luminance.

        `image` is (images, directions), `means` (images, cells), `group` (images,).
        """
        count = image.shape[1]
        natural = np.ones(count) if self.variance is None else np.asarray(self.variance)
        parts = [slice(0, count)]
        if self.luminance_last:
            parts = [slice(0, count - 1), slice(count - 1, count)]
        return Model(
            tuple(parts),
            tuple(
                self._posterior(means, trial, image[:, part], natural[part], group)
                for part in parts
            ),
        )

    def _posterior(
        self,
        means: np.ndarray,
        trial: TrialNoise,
        image: np.ndarray,
        natural: np.ndarray,
        group: np.ndarray,
    ) -> Posterior:
        """The encoding model and the prior that training images and responses give."""
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


@dataclass(frozen=True, eq=False)
class Model:
    """Posteriors of parts of the directions, each with an encoding model of its own."""

    parts: tuple[slice, ...]
    posteriors: tuple[Posterior, ...]

    def readout(self, trials: int) -> np.ndarray:
        """Of all parts, (cells, directions)."""
        return np.concatenate([each.readout(trials) for each in self.posteriors], axis=1)

    def amplitude(
        self, inner: list[tuple[InnerFold, Model]], image: np.ndarray, trials: int
    ) -> np.ndarray:
        """One factor for all directions of a part, by that part of inner fits, (directions,)."""
        factors = np.empty(image.shape[1])
        for number, part in enumerate(self.parts):
            fits = ((fold, model.posteriors[number].readout) for fold, model in inner)
            factors[part] = amplitude(fits, image[:, part], trials)
        return factors

    def spread(self, trials: int, amplitude: np.ndarray) -> np.ndarray:
        """A with AᵀA the covariance after n trials, (any, directions).

        Where only the share a of the posterior mean is believed, so is that share of what
        responses take off the prior: a P + (1 − a) C, P being the posterior covariance.
        """
        posterior = linalg.block_diag(*(each.spread(trials) for each in self.posteriors))
        prior = np.sqrt(np.concatenate([each.variance for each in self.posteriors]))
        kept = posterior * np.sqrt(amplitude)
        if (amplitude == 1.0).all():
            return kept
        return np.concatenate([kept, np.diag(prior * np.sqrt(1.0 - amplitude))])


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

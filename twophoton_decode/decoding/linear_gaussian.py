"""How cells encode an image in the `bayes` decoder: weights, their uncertainty, the noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg

from twophoton_decode.decoding.scores import mean_by_image

TINY = 1e-300
RATIOS = 10.0 ** (np.arange(-4, 9) / 2)
"""Noise variance over signal variance that a cell may have: two per decade."""
PRIOR_STEPS = 30


@dataclass(frozen=True, eq=False)
class EncodingFit:
    """Response of cell k to image x: w_k · x + misfit + trial noise.

    `weights` (cells, features); `misfit` (cells,) the variance Ψ that repeats of an image
    share; `uncertainty` (cells,) the variance U that not knowing the weights adds.
    """

    weights: np.ndarray
    misfit: np.ndarray
    uncertainty: np.ndarray


@dataclass(frozen=True, eq=False)
class ImageData:
    """Presentations of images, both as deviations from a common mean.

    `response` (presentations, cells); `target` (presentations,) indexes the rows of `image`
    (images, directions); `variance` (directions,) is C's diagonal up to a factor.
    """

    response: np.ndarray
    target: np.ndarray
    image: np.ndarray
    variance: np.ndarray

    def part(self, chosen: np.ndarray) -> ImageData:
        """Only the images of the mask `chosen`."""
        rows = np.flatnonzero(chosen[self.target])
        number = np.cumsum(chosen) - 1
        target = number[self.target[rows]]
        return ImageData(self.response[rows], target, self.image[chosen], self.variance)

    @cached_property
    def repeats(self) -> np.ndarray:
        """Presentations of each image."""
        return np.bincount(self.target, minlength=len(self.image))

    @cached_property
    def mean_response(self) -> np.ndarray:
        """Mean over the repeats of each image, (images, cells)."""
        return mean_by_image(self.response, self.target, len(self.image))

    @property
    def trial_covariance(self) -> np.ndarray:
        """Φ over repeats of an image, (cells, cells); zero without repeats."""
        residual = self.response - self.mean_response[self.target]
        return residual.T @ residual / max(len(residual) - len(self.image), 1)

    def population(self, power: float) -> Population:
        """The encoding model of all cells, whose weights have the prior Λ = C^power."""
        centre = self.repeats @ self.image / len(self.response)
        factor = ((self.image - centre) ** 2 / self.variance).mean()
        variance = self.variance * (factor if factor > 0 else 1.0)
        covariance = self.trial_covariance
        noise = np.diag(covariance) * (1.0 / self.repeats).mean()
        prior = (self.variance / self.variance.max()) ** power
        encoding = fit_encoding(self.mean_response, self.image, variance, prior, noise)
        return Population(encoding, variance, covariance, self.response.mean(axis=0), centre)


@dataclass(frozen=True, eq=False)
class Population:
    """Encoding models of all cells with their trial covariance Φ, and the images' prior C."""

    encoding: EncodingFit
    variance: np.ndarray
    trial_covariance: np.ndarray
    mean_response: np.ndarray
    mean_image: np.ndarray

    def readouts(self, trials: int, noises: Sequence[float], shrinkage: float) -> list[np.ndarray]:
        """C Wᵀ (W C Wᵀ + η (Ψ + U + Φ/n))⁻¹ for each factor η, as (cells, directions).

        Computed as N⁻¹ W (C⁻¹ η + Wᵀ N⁻¹ W)⁻¹ with N = Ψ + U + Φ/n, so that all factors
        share a decomposition of N.
        """
        encoded = self.encoding.weights * np.sqrt(self.variance)
        factor = linalg.cho_factor(self._noise(trials, shrinkage), lower=True, check_finite=False)
        whitened = linalg.cho_solve(factor, encoded, check_finite=False)
        information, unit = encoded.T @ whitened, np.eye(len(self.variance))
        root = np.diag(np.sqrt(self.variance))
        return [
            whitened @ linalg.solve(information + noise * unit, root, assume_a="pos")
            for noise in noises
        ]

    def errors(self, left_out: ImageData, noises: Sequence[float], shrinkage: float) -> np.ndarray:
        """Squared error per image of single trials plus that of averages, for each factor η."""
        trials = round(float(left_out.repeats.mean()))
        mean = left_out.mean_response
        shown = left_out.image - self.mean_image
        return self._squared(
            left_out.response, shown[left_out.target], self.readouts(1, noises, shrinkage)
        ) / trials + self._squared(mean, shown, self.readouts(trials, noises, shrinkage))

    def _squared(
        self, response: np.ndarray, shown: np.ndarray, readouts: list[np.ndarray]
    ) -> np.ndarray:
        deviation = response - self.mean_response
        return np.array([((shown - deviation @ readout) ** 2).sum() for readout in readouts])

    def _noise(self, trials: int, shrinkage: float) -> np.ndarray:
        """Ψ + U + Φ/n, with the off-diagonal part of Φ shrunk."""
        own = np.diag(self.trial_covariance)
        noise = self.trial_covariance * ((1.0 - shrinkage) / trials)
        diagonal = self.encoding.misfit + self.encoding.uncertainty + own / trials
        # Cells without any noise would make the matrix singular.
        noise[np.diag_indices_from(noise)] = diagonal + 1e-9 * diagonal.mean() + TINY
        return noise


def fit_encoding(
    response: np.ndarray,
    image: np.ndarray,
    image_variance: np.ndarray,
    weight_variance: np.ndarray,
    trial_variance: np.ndarray,
) -> EncodingFit:
    """Weights of all cells under W_k ~ N(0, s_k Λ), by regression of image means on images.

    With K = S Λ Sᵀ and ρ_k the noise over s_k, W_k = Λ Sᵀ (K + ρ_k I)⁻¹ r_k, averaged
    over the posterior of ρ_k; s_k has the highest evidence.
    The misfit is the leave-one-image-out residual
    variance without what trial noise and weight uncertainty explain, not below zero [ours].

    Parameters
    ----------
    response : ndarray, shape (images, cells)
        Mean over the repeats of each image.
    image : ndarray, shape (images, features)
    image_variance, weight_variance : ndarray, shape (features,)
        Diagonals of C and Λ.
    trial_variance : ndarray, shape (cells,)
        What trial noise leaves in `response`.
    """
    response, image = response - response.mean(axis=0), image - image.mean(axis=0)
    spread = image * np.sqrt(weight_variance)
    scale = (spread**2).sum() / max(len(image) - 1, 1) or 1.0
    kernel = spread @ spread.T / scale
    # Centring leaves the constant empty; raised above all others, it comes last and is dropped.
    eigenvalue, basis = linalg.eigh(kernel + 2.0 * np.trace(kernel) / len(kernel) + 1.0)
    eigenvalue, basis = eigenvalue[:-1].clip(min=0.0), basis[:, :-1]
    rotated = basis.T @ response
    evidence, signal = _evidence(eigenvalue, rotated)
    belief = _belief(evidence)
    shrink = 1.0 / (eigenvalue[:, None] + RATIOS)
    kept = shrink @ belief
    weights = (spread.T @ (basis @ (rotated * kept))).T * np.sqrt(weight_variance) / scale
    projected = basis.T @ spread / np.sqrt(scale)
    both = image_variance * weight_variance / scale
    uncertainty = _weight_uncertainty(projected, both, rotated, shrink, belief, signal)
    residual = _left_out_residual(response, basis, eigenvalue[:, None] * kept)
    misfit = (residual**2).mean(axis=0) - trial_variance - uncertainty
    return EncodingFit(weights, misfit.clip(min=0.0), uncertainty)


def _evidence(eigenvalue: np.ndarray, rotated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log evidence of each ratio at the best signal scale s_k, and that scale, (ratios, cells)."""
    total = eigenvalue + RATIOS[:, None]
    scale = np.einsum("gi,ik->gk", 1.0 / total, rotated**2) / len(eigenvalue)
    log_scale = np.log(np.where(scale > 0, scale, 1.0))
    return -0.5 * (len(eigenvalue) * log_scale + np.log(total).sum(axis=1)[:, None]), scale


def _belief(evidence: np.ndarray) -> np.ndarray:
    """Posterior of each cell's ratio, (ratios, cells), under a prior learned from all cells.

    The prior that maximises the evidence of all cells together, by expectation
    maximisation from a flat one: a cell about which its few images say little is treated
    as cells usually are.
    """
    likelihood = np.exp(evidence - evidence.max(axis=0))
    prior = np.full((len(evidence), 1), 1.0 / len(evidence))
    for _ in range(PRIOR_STEPS):
        belief = prior * likelihood
        belief /= belief.sum(axis=0)
        prior = belief.mean(axis=1, keepdims=True)
    return belief


def _weight_uncertainty(
    projected: np.ndarray,
    both: np.ndarray,
    rotated: np.ndarray,
    shrink: np.ndarray,
    belief: np.ndarray,
    signal: np.ndarray,
) -> np.ndarray:
    """tr(C Cov[W_k]), shape (cells,): for each ratio, and between ratios.

    For one ratio s_k (tr(C Λ) − tr(S Λ C Λ Sᵀ (K + ρ I)⁻¹)). `projected` is S √Λ in the
    eigenvectors of K and `both` the diagonal of C Λ.
    """
    form = (projected * both) @ projected.T
    remaining = both.sum() - np.diag(form) @ shrink
    within = (belief * signal * remaining.clip(min=0.0)[:, None]).sum(axis=0)
    mean = rotated * (shrink @ belief)
    between = -np.einsum("ik,ik->k", mean, form @ mean)
    for ratio, share in enumerate(belief):
        solved = rotated * shrink[:, ratio, None]
        between += share * np.einsum("ik,ik->k", solved, form @ solved)
    return within + between.clip(min=0.0)


def _left_out_residual(response: np.ndarray, basis: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Residual of each image after a fit without it, (images, cells)."""
    fitted = basis @ (kept * (basis.T @ response))
    leverage = (basis**2) @ kept + 1.0 / len(response)
    return (response - fitted) / np.maximum(1.0 - leverage, 1e-6)

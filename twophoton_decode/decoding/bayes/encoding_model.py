"""How cells encode an image in the `bayes` decoder: weights, their uncertainty, the misfit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

RATIOS = 10.0 ** (np.arange(-4, 9) / 2)
"""Noise variance over signal variance that a cell may have: two per decade."""
PRIOR_STEPS = 30
LARGEST_GROUP = 64
"""Images of a larger group are left out one at a time: solving for all cells takes too long."""
RANK = 1e-12
"""Eigenvalues below this fraction of the largest count as zero."""


@dataclass(frozen=True, eq=False)
class EncodingFit:
    """Response of cell k to image x: w_k · x + misfit + trial noise.

    `weights` (cells, features); `misfit` (cells,) the variance Ψ that repeats of an image
    share; `uncertainty` (cells,) the variance U that not knowing the weights adds;
    `residual` (images, cells) of each image's mean response after a fit without it.
    """

    weights: np.ndarray
    misfit: np.ndarray
    uncertainty: np.ndarray
    residual: np.ndarray


def fit_encoding(
    response: np.ndarray,
    image: np.ndarray,
    image_variance: np.ndarray,
    weight_variance: np.ndarray,
    trial_variance: np.ndarray,
    group: np.ndarray,
) -> EncodingFit:
    """Weights of all cells under W_k ~ N(0, s_k Λ), by regression of image means on images.

    With K = S Λ Sᵀ and ρ_k the noise over s_k, W_k = Λ Sᵀ (K + ρ_k I)⁻¹ r_k, averaged
    over the posterior of ρ_k; s_k has the highest evidence. The misfit is the
    leave-one-group-out residual variance without what trial noise and weight uncertainty
    explain, not below zero [ours].

    Parameters
    ----------
    response : ndarray, shape (images, cells)
        Mean over the repeats of each image.
    image : ndarray, shape (images, features)
    image_variance, weight_variance : ndarray, shape (features,)
        Diagonals of C and Λ.
    trial_variance : ndarray, shape (cells,)
        What trial noise leaves in `response`.
    group : ndarray of int, shape (images,)
        Images with equal numbers show nearly the same, and are left out together.
    """
    response, image = response - response.mean(axis=0), image - image.mean(axis=0)
    spread = image * np.sqrt(weight_variance)
    basis, singular, direction = linalg.svd(spread, full_matrices=False, check_finite=False)
    kept = singular**2 > RANK * singular[0] ** 2
    basis, singular, direction = basis[:, kept], singular[kept], direction[kept]
    scale = (singular**2).sum() / max(len(image) - 1, 1) or 1.0
    eigenvalue, rotated = singular**2 / scale, basis.T @ response
    belief, signal = _noise_ratios(eigenvalue, rotated, response)
    shrink = 1.0 / (eigenvalue[:, None] + RATIOS)
    solved = rotated * (shrink @ belief)
    weights = (direction.T * (singular / scale)) @ solved * np.sqrt(weight_variance)[:, None]
    form = _explained_form(eigenvalue, direction, image_variance * weight_variance / scale)
    total = float(image_variance @ weight_variance) / scale
    uncertainty = _weight_uncertainty(form, total, rotated, shrink, belief, signal)
    residual = _left_out_residual(response, basis, eigenvalue[:, None] * (shrink @ belief), group)
    misfit = (residual**2).mean(axis=0) - trial_variance - uncertainty
    return EncodingFit(weights.T, misfit.clip(min=0.0), uncertainty, residual)


def _noise_ratios(
    eigenvalue: np.ndarray, rotated: np.ndarray, response: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Posterior of each cell's ratio, and the best s_k at each ratio, both (ratios, cells).

    `rotated` is the response in the eigenvectors of K; whatever lies outside them is noise.
    """
    count = max(len(response) - 1, 1)
    outside = ((response**2).sum(axis=0) - (rotated**2).sum(axis=0)).clip(min=0.0)
    total = eigenvalue + RATIOS[:, None]
    signal = ((1.0 / total) @ rotated**2 + outside / RATIOS[:, None]) / count
    log_signal = np.log(np.where(signal > 0, signal, 1.0))
    log_total = np.log(total).sum(axis=1) + (count - len(eigenvalue)) * np.log(RATIOS)
    return _belief(-0.5 * (count * log_signal + log_total[:, None])), signal


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


def _explained_form(eigenvalue: np.ndarray, direction: np.ndarray, both: np.ndarray) -> np.ndarray:
    """S Λ C Λ Sᵀ in the eigenvectors of K = S Λ Sᵀ; `both` is the diagonal of C Λ."""
    projected = np.sqrt(eigenvalue)[:, None] * direction
    form: np.ndarray = (projected * both) @ projected.T
    return form


def _weight_uncertainty(
    form: np.ndarray,
    total: float,
    rotated: np.ndarray,
    shrink: np.ndarray,
    belief: np.ndarray,
    signal: np.ndarray,
) -> np.ndarray:
    """tr(C Cov[W_k]), shape (cells,): for each ratio, and between ratios.

    For one ratio s_k (tr(C Λ) − tr(S Λ C Λ Sᵀ (K + ρ I)⁻¹)); `total` is tr(C Λ).
    """
    remaining = total - np.diag(form) @ shrink
    within = (belief * signal * remaining.clip(min=0.0)[:, None]).sum(axis=0)
    mean = rotated * (shrink @ belief)
    between = -np.einsum("ik,ik->k", mean, form @ mean)
    for ratio, share in enumerate(belief):
        if share.any():
            solved = rotated * shrink[:, ratio, None]
            between += share * np.einsum("ik,ik->k", solved, form @ solved)
    return within + between.clip(min=0.0)


def _left_out_residual(
    response: np.ndarray, basis: np.ndarray, kept: np.ndarray, group: np.ndarray
) -> np.ndarray:
    """Residual of each image after a fit without its group, (images, cells)."""
    residual = response - basis @ (kept * (basis.T @ response))
    leverage = (basis**2) @ kept + 1.0 / len(response)
    left_out: np.ndarray = residual / np.maximum(1.0 - leverage, 1e-6)
    size = np.bincount(group)
    for number in np.flatnonzero((size > 1) & (size <= LARGEST_GROUP)):
        rows = np.flatnonzero(group == number)
        # Of several images (I − H)⁻¹, H theirs; it differs from cell to cell.
        hat = np.einsum("ie,ek,je->kij", basis[rows], kept, basis[rows], optimize=True)
        remaining = np.eye(len(rows)) - hat - 1.0 / len(response)
        remaining += 1e-9 * np.eye(len(rows))
        left_out[rows] = np.linalg.solve(remaining, residual[rows].T[:, :, None])[:, :, 0].T
    return left_out

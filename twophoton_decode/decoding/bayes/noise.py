"""What makes responses to one image differ from the encoding model, over trials and images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import linalg
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.utils.extmath import randomized_svd

from twophoton_decode.decoding.bayes.encoding_model import EncodingFit
from twophoton_decode.kernels.positive_definite import solve_positive
from twophoton_decode.statistics.by_image import mean_by_image

TRIAL_SHARE = 0.5
"""Share of the trial covariance between cells that is kept [ours]; the rest is chance."""
MISFIT_SHARE = 0.1
"""The same for the covariance of the misfit, which has as few samples as there are images."""
FLOOR = 0.02
"""The least share of a cell's noise that it has for itself, so that no matrix is singular."""
MANY_CELLS = 2000
"""Above this, covariances between cells are kept as their leading factors."""
TRIAL_FACTORS = 200
MISFIT_FACTORS = 20
MANY_IMAGES = 500
"""Above this, leading directions are found by iteration, not by all eigenvectors."""
TINY = 1e-300


@dataclass(frozen=True, eq=False)
class TrialNoise:
    """Φ, the covariance over repeats of an image, pooled over images.

    `rows` (presentations or fewer, cells) with rowsᵀ rows = Φ, all zero without repeats; `own`
    (cells,) its diagonal; `trials` the harmonic mean number of repeats.
    """

    rows: np.ndarray
    own: np.ndarray
    trials: float

    @classmethod
    def of(cls, response: np.ndarray, target: np.ndarray) -> TrialNoise:
        """From responses (presentations, cells) to the images `target` (presentations,)."""
        repeats = np.bincount(target)
        residual = response - mean_by_image(response, target, len(repeats))[target]
        rows = residual[repeats[target] > 1] / np.sqrt(max(len(residual) - len(repeats), 1))
        own = np.einsum("tk,tk->k", rows, rows)
        return cls(_leading(rows, TRIAL_FACTORS), own, 1.0 / float((1.0 / repeats).mean()))

    @cached_property
    def covariance(self) -> np.ndarray:
        """Φ between all cells, (cells, cells)."""
        covariance: np.ndarray = self.rows.T @ self.rows
        return covariance


@dataclass(frozen=True, eq=False)
class ResponseNoise:
    """Ψ + U + Φ/n, the covariance of the mean response of n trials about the encoding model.

    Variances are as estimated. Covariances between cells are shrunk [ours]: half of Φ is
    kept, and of the misfit's (the left-out residuals' without their part in Φ) one tenth,
    apart from its leading factor, which is kept as far as it stands out from the next one.
    """

    trial: TrialNoise
    private: np.ndarray
    misfit_rows: np.ndarray

    @classmethod
    def of(cls, trial: TrialNoise, encoding: EncodingFit) -> ResponseNoise:
        """From the repeats and from an encoding model of the image means."""
        rows = _shrunk_misfit(encoding.residual)
        return cls(trial, encoding.misfit + encoding.uncertainty, _leading(rows, MISFIT_FACTORS))

    def solve(self, trials: int, columns: np.ndarray) -> np.ndarray:
        """(Ψ + U + Φ/n)⁻¹ times `columns` (cells, columns), for the mean over n trials."""
        share = max(TRIAL_SHARE / trials - MISFIT_SHARE / self.trial.trials, 0.0)
        variance = self.private + self.trial.own / trials
        variance = variance + 1e-9 * variance.mean() + TINY
        if len(self.trial.rows) + len(self.misfit_rows) >= len(variance):
            return self._solve_dense(share, variance, columns)
        rows = np.concatenate([np.sqrt(share) * self.trial.rows, self.misfit_rows])
        own = _own_part(variance, np.einsum("rk,rk->k", rows, rows))
        inner = (rows / own) @ rows.T
        inner[np.diag_indices_from(inner)] += 1.0
        scaled = columns / own[:, None]
        return scaled - (rows / own).T @ solve_positive(inner, rows @ scaled)

    def _solve_dense(self, share: float, variance: np.ndarray, columns: np.ndarray) -> np.ndarray:
        covariance = share * self.trial.covariance + self._misfit
        own = _own_part(variance, np.diag(covariance))
        covariance[np.diag_indices_from(covariance)] += own
        return solve_positive(covariance, columns)

    @cached_property
    def _misfit(self) -> np.ndarray:
        misfit: np.ndarray = self.misfit_rows.T @ self.misfit_rows
        return misfit


def _own_part(variance: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """What each cell has for itself, given what it shares with others."""
    return np.maximum(variance - shared, FLOOR * variance)


def _shrunk_misfit(residual: np.ndarray) -> np.ndarray:
    """Rows whose product is the kept covariance of left-out residuals (images, cells)."""
    size = np.sqrt((residual**2).mean(axis=0))
    unit = np.divide(residual, size, out=np.zeros_like(residual), where=size > 0)
    images = len(unit)
    if images < 3:
        return np.sqrt(MISFIT_SHARE / images) * residual
    variance, vectors = _two_largest(unit)
    standing_out = max(1.0 - variance[0] / max(variance[1], TINY), MISFIT_SHARE)
    first = vectors[:, 1]
    leading = (first @ unit) * size
    rest = residual - np.outer(first, leading)
    rows = [np.sqrt(MISFIT_SHARE) * rest, np.sqrt(standing_out) * leading[None]]
    return np.concatenate(rows) / np.sqrt(images)


def _two_largest(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two largest eigenvalues of rows rowsᵀ, ascending, and their eigenvectors."""
    count = len(rows)
    if count <= MANY_IMAGES:
        found = linalg.eigh(rows @ rows.T, subset_by_index=[count - 2, count - 1])
        return found[0], found[1]
    product = LinearOperator((count, count), matvec=lambda x: rows @ (rows.T @ x), dtype=float)
    start = np.random.default_rng(0).standard_normal(count)
    variance, vectors = eigsh(product, k=2, v0=start, tol=1e-4)
    return variance, vectors


def _leading(rows: np.ndarray, factors: int) -> np.ndarray:
    """Rows with (nearly) the same product, fewer of them where cells are many."""
    if rows.shape[1] <= MANY_CELLS or len(rows) <= factors:
        return rows
    _, size, direction = randomized_svd(rows, factors, n_iter=1, random_state=0)
    leading: np.ndarray = size[:, None] * direction
    return leading

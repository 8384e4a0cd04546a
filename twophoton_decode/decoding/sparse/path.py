"""Sparse weights of many features along a path of strengths, each one certified."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.kernels.lasso.path import LassoState, SharedGram, advance

STRENGTHS = tuple(np.geomspace(1.0, 0.02, 20))
"""Strengths to choose from, as fractions of each feature's own λmax."""
ROUNDS = 200
"""Descents after which a feature is given up at a strength, and counted."""


@dataclass(frozen=True, eq=False)
class CentredProblem:
    """What the weights of features on responses depend on, both centred over n presentations.

    Responses X are in units of `unit`, the root of their variance averaged over cells:
    `gram` is XᵀX/n (cells, cells), `moments` Xᵀy/n (features, cells), `energy` ‖y‖²/n.
    """

    gram: SharedGram
    unit: float
    moments: np.ndarray
    energy: np.ndarray


class SparsePath:
    """Weights that minimise ‖y − Xb‖²/2n + λ (ρ‖b‖₁ + (1 − ρ)‖b‖²/2), from large λ to small.

    Each feature y has variance one here, and the responses X a common unit in which their
    variance is one on average [ours]: so that neither's scale matters. λ is a fraction of
    the smallest one, λmax = max|Xᵀy|/nρ, at which all weights are zero. ρ = 1 is the lasso [field].

    At every strength the duality gap P(b) − D(θ), in float64, is at most 1e-4 ‖y‖²/n and 1 %
    of P(0) − P(b), or the feature is counted in `missed`.

    Parameters
    ----------
    problem : CentredProblem
    l1_share : float
        ρ, above 0 and up to 1.

    Attributes
    ----------
    missed : list of (float, int, float)
        Strengths at which features were not certified, how many, and the largest gap as a
        share of ‖y‖²/n.
    """

    def __init__(self, problem: CentredProblem, l1_share: float) -> None:
        scale = np.sqrt(problem.energy)
        self._varies = problem.energy > 0
        self._unscale = scale[:, None] / problem.unit
        self._moments = problem.moments / np.where(self._varies, scale, 1.0)[:, None]
        self._energy = self._varies.astype(float)
        self._largest = np.abs(self._moments).max(axis=1, initial=0.0)
        self._gram, self._l1_share = problem.gram, l1_share
        self._state = LassoState.start(self._moments)
        self._strengths: list[float] = []
        self.missed: list[tuple[float, int, float]] = []

    @property
    def weights(self) -> np.ndarray:
        """Weights at the last strength, per unit of response, (features, cells)."""
        return self._state.weights * self._unscale

    def step(self, strength: float) -> None:
        """Go on to the next, smaller strength."""
        if strength < 1.0:
            l1 = strength * self._largest
            l2 = l1 * (1.0 - self._l1_share) / self._l1_share
            advance(
                self._gram,
                self._moments,
                self._energy,
                l1,
                l2,
                self._state,
                self._extrapolation(strength),
                ROUNDS,
            )
            self._count(strength)
        self._strengths.append(strength)

    def _extrapolation(self, strength: float) -> float:
        """How far to go on along the last change: weights are piecewise linear in λ."""
        if len(self._strengths) < 2:
            return 0.0
        before, last = self._strengths[-2:]
        return (strength - last) / (last - before)

    def _count(self, strength: float) -> None:
        gap = self._state.gap
        missed = gap > self._state.goal
        if missed.any():
            self.missed.append((strength, int(missed.sum()), float(gap[missed].max())))

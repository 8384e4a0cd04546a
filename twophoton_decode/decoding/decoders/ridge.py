"""Every cell enters every feature: least squares with a penalty on the weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.decoding.affine import AffineDecoder, Solution, Solver
from twophoton_decode.decoding.leave_group_out import error_forms
from twophoton_decode.decoding.training import TrainingResponses

STRENGTHS = tuple(10.0 ** (np.arange(-16, 17) / 4))
"""Strengths to choose from, relative to the mean eigenvalue of RᵀR: four per decade."""


class Decoder(AffineDecoder):
    """Ridge regression of features on responses [field].

    Minimises ‖Y − RH‖² + α‖H‖² over single trials, one strength α for all features,
    chosen inside training: the one with the smallest squared single-trial error over
    images left out one at a time, which is the loss that is fitted, on images not seen
    [ours]. All repeats of an image are left out together.

    Parameters
    ----------
    strengths : sequence of float
        Strengths to choose from, in units of the mean eigenvalue of RᵀR (responses
        centred, averaged over cells), so that the grid follows the responses' scale.
    """

    def __init__(self, strengths: Sequence[float] = STRENGTHS) -> None:
        self.strengths = strengths

    def factorise(self, training: TrainingResponses) -> Solver:
        """The singular value decomposition, and the held-out error as a form in Y."""
        U, s, Vt = training.svd
        sums = training.sum_by_target(U).T
        alphas = np.asarray(self.strengths) * (s**2).sum() / training.cells
        forms = error_forms(training, alphas)

        def solve(targets: np.ndarray) -> Solution:
            errors = np.einsum("aij,ij->a", forms, targets @ targets.T)
            alpha = alphas[np.argmin(errors)]
            coef = Vt.T @ ((s / (s**2 + alpha))[:, None] * (sums @ targets))
            return Solution(coef, float(alpha), self._warnings(int(np.argmin(errors))))

        return solve

    def _warnings(self, chosen: int) -> tuple[str, ...]:
        if chosen == len(self.strengths) - 1 and chosen > 0:
            return (
                "ridge: the largest strength on offer was chosen in a fold: the responses "
                "predict images left out of training hardly better than their mean does.",
            )
        return ()

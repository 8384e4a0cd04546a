"""Every cell enters every feature: least squares with a penalty on the weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.decoding.affine import AffineDecoder, Solution, Solver
from twophoton_decode.decoding.leave_group_out import STRENGTHS, strength_choice
from twophoton_decode.decoding.training import TrainingResponses


class Decoder(AffineDecoder):
    """Ridge regression of features on responses [field].

    Minimises ‖Y − RH‖² + α‖H‖² over single trials, with one strength α for all features,
    chosen inside training over images left out one at a time, all repeats together [ours].

    Parameters
    ----------
    strengths : sequence of float
        Strengths to choose from; see `decoding.leave_group_out.strength_choice`.
    """

    def __init__(self, strengths: Sequence[float] = STRENGTHS) -> None:
        self.strengths = strengths

    def factorise(self, training: TrainingResponses) -> Solver:
        """The singular value decomposition, shared over strengths and targets."""
        U, s, Vt = training.svd
        sums = training.sum_by_target(U).T
        choose = strength_choice(training, self.strengths)

        def solve(targets: np.ndarray) -> Solution:
            strength, warnings = choose(targets)
            mixture = (Vt.T * (s / (s**2 + strength))) @ sums
            return Solution(mixture @ targets, strength, warnings, mixture)

        return solve

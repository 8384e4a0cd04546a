"""Every cell enters every feature: least squares with a penalty on the weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np

from twophoton_decode.decoding.contract import RidgePenalty
from twophoton_decode.decoding.fitting.affine import AffineDecoder, Solver
from twophoton_decode.decoding.fitting.parameters import require_penalties
from twophoton_decode.decoding.fitting.readout import RidgeMixing, Weights
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.hat import hat_matrices
from twophoton_decode.decoding.ridge.strength import (
    STRENGTHS,
    choose_penalty,
    choose_penalty_per_feature,
)
from twophoton_decode.features import KnownVariance, LinearFeatures


class Decoder(RidgePenalty, AffineDecoder):
    """Ridge regression of features on responses [field].

    Minimises ‖Y − RH‖² + α‖H‖² over single trials. The strength α is one for all features,
    or one for each, chosen inside training over images left out one at a time, all repeats
    together [ours]. Features that declare themselves uncorrelated get one each: how well
    the cells tell one of them says nothing about the next.

    Parameters
    ----------
    strengths : sequence of float
        Strengths to choose from, 0 or above, ascending; see
        `decoding.ridge.strength.choose_penalty`.
    per_feature : bool
        One strength for each feature; `strength_` is then their median.
    """

    def __init__(self, strengths: Sequence[float] = STRENGTHS, per_feature: bool = False) -> None:
        self.strengths = strengths
        self.per_feature = per_feature

    @classmethod
    def for_features(cls, space: LinearFeatures) -> Self:
        """One strength for each feature if the space declares them uncorrelated."""
        return cls(per_feature=isinstance(space, KnownVariance))

    def factorise(self, training: TrainingResponses) -> Solver:
        """What the hat matrices share: eigenvectors, or the kernel of a large problem."""
        require_penalties(self.strengths)
        if self.per_feature:
            return self._factorise_per_feature(training)
        choose, hats = choose_penalty(training, self.strengths), hat_matrices(training)

        def solve(targets: np.ndarray) -> RidgeMixing:
            strength, error, warnings = choose(targets)
            mixture, choices = hats(strength).mixture, tuple(self.strengths)
            return RidgeMixing(mixture, targets, strength, warnings, error, choices=choices)

        return solve

    def _factorise_per_feature(self, training: TrainingResponses) -> Solver:
        """The same where every feature has its own strength: no mixture is common to all."""
        choose, hats = choose_penalty_per_feature(training, self.strengths), hat_matrices(training)

        def solve(targets: np.ndarray) -> Weights:
            strength, error, warnings = choose(targets)
            coef = np.empty((training.cells, targets.shape[1]))
            for alpha in np.unique(strength):
                coef[:, strength == alpha] = hats(alpha).mixture @ targets[:, strength == alpha]
            return Weights(coef, float(np.median(strength)), warnings, error)

        return solve

"""A cell enters a feature only if its encoding model uses that feature."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from twophoton_decode.decoding.fitting.affine import AffineDecoder, Solver
from twophoton_decode.decoding.fitting.parameters import require_penalties, require_threshold
from twophoton_decode.decoding.fitting.readout import Weights
from twophoton_decode.decoding.fitting.selected_features import THRESHOLD, selected_features
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.strength import STRENGTHS, choose_penalty
from twophoton_decode.kernels.selected_least_squares import (
    largest_eigenvalue,
    selected_least_squares,
)


class Decoder(AffineDecoder):
    """F̂_j = Σ_k H_jk R_k + b_j over the cells whose encoding model uses feature j [paper].

    Each feature is fitted over single trials to its own cells, with a ridge penalty whose
    strength (and, where asked for, the transform of the responses) is chosen inside training
    for all cells together, as `ridge` does [ours]:
    cells that were selected because they fit the training images need it more than others.
    A feature that no cell encodes stays at its training mean.

    Parameters
    ----------
    threshold : float
        0 or above; see `decoding.fitting.selected_features` [ours].
    strengths : sequence of float
        Strengths to choose from, 0 or above, ascending; see
        `decoding.ridge.strength.choose_penalty`. (0,) is least squares.
    """

    def __init__(
        self, threshold: float = THRESHOLD, strengths: Sequence[float] = STRENGTHS
    ) -> None:
        self.threshold = threshold
        self.strengths = strengths

    def factorise(self, training: TrainingResponses) -> Solver:
        """The Gram matrix of the responses, from which every selection takes its part."""
        require_threshold("threshold", self.threshold)
        require_penalties(self.strengths)
        gram, sums = training.gram, training.target_sums
        choose = choose_penalty(training, self.strengths)
        largest = cache(lambda: largest_eigenvalue(gram))

        def solve(targets: np.ndarray) -> Weights:
            strength, error, warnings = choose(targets)
            selected = selected_features(training, targets, self.threshold)
            penalised = gram + strength * np.eye(len(gram))
            eigenvalues = (strength, strength + largest()) if strength > 0 else None
            coef = selected_least_squares(penalised, sums.T @ targets, selected, eigenvalues)
            warnings = (*warnings, *_empty_warning(selected))
            return Weights(coef, strength, warnings, error)

        return solve


def _empty_warning(selected: np.ndarray) -> tuple[str, ...]:
    empty = int(np.count_nonzero(~selected.any(axis=0)))
    if empty == 0:
        return ()
    return (
        f"{empty} of {selected.shape[1]} features are encoded by no cell and "
        "stay at their training mean.",
    )

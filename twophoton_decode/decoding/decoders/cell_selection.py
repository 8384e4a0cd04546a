"""A cell enters a feature only if its encoding model uses that feature."""

from __future__ import annotations

import numpy as np

from twophoton_decode.decoding.affine import AffineDecoder, Solution, Solver
from twophoton_decode.decoding.encoding import THRESHOLD, selected_features
from twophoton_decode.decoding.training import TrainingResponses
from twophoton_decode.kernels.selected_least_squares import selected_least_squares


class Decoder(AffineDecoder):
    """F̂_j = Σ_k H_jk R_k + b_j over the cells whose encoding model uses feature j [paper].

    Each feature is fitted by least squares over single trials on its own cells. A feature
    that no cell encodes stays at its training mean.

    Parameters
    ----------
    threshold : float
        See `decoding.encoding.selected_features` [ours].
    """

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold

    def factorise(self, training: TrainingResponses) -> Solver:
        """The Gram matrix of the responses, from which every selection takes its part."""
        gram, sums = training.gram, training.target_sums

        def solve(targets: np.ndarray) -> Solution:
            selected = selected_features(training, targets, self.threshold)
            coef = selected_least_squares(gram, sums.T @ targets, selected)
            return Solution(coef, warnings=_warnings(selected))

        return solve


def _warnings(selected: np.ndarray) -> tuple[str, ...]:
    empty = int(np.count_nonzero(~selected.any(axis=0)))
    if empty == 0:
        return ()
    return (
        f"cell-selection: in a fold, {empty} of {selected.shape[1]} features are encoded by no "
        "cell and stay at their training mean.",
    )

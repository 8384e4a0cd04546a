"""Few cells enter each feature: least squares with a penalty on the weights' absolute values."""

from __future__ import annotations

from collections.abc import Sequence

from twophoton_decode.decoding.fitting.affine import AffineDecoder, Solver
from twophoton_decode.decoding.fitting.parameters import require_fractions
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.sparse.path import STRENGTHS
from twophoton_decode.decoding.sparse.strength import sparse_solver


class Decoder(AffineDecoder):
    """Lasso regression of features on responses [field].

    Minimises ‖y − Rb‖²/2n + λ‖b‖₁ for each feature y over single trials, both centred. λ is
    the same fraction, `strength_`, of each feature's λmax (above which it uses no cell),
    chosen inside training; see `decoding.sparse_choice.sparse_solver` [ours]. Weights are
    certified by their duality gap; those that are not are counted in `warnings_`.

    Parameters
    ----------
    strengths : sequence of float, descending
        Fractions of λmax to choose from, at most 1; a single one is reached at once.
    """

    def __init__(self, strengths: Sequence[float] = STRENGTHS) -> None:
        self.strengths = strengths

    def factorise(self, training: TrainingResponses) -> Solver:
        """Gram matrices of the responses, whole and of each inner fold."""
        require_fractions(self.strengths)
        return sparse_solver(training, self.strengths, 1.0)

"""Few cells enter each feature, and cells that respond alike share their weight."""

from __future__ import annotations

from collections.abc import Sequence

from twophoton_decode.decoding.fitting.affine import AffineDecoder, Solver
from twophoton_decode.decoding.fitting.parameters import require_fractions, require_share
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.sparse.path import STRENGTHS
from twophoton_decode.decoding.sparse.strength import sparse_solver

L1_SHARE = 0.5


class Decoder(AffineDecoder):
    """Elastic-net regression of features on responses [field].

    Minimises ‖y − Rb‖²/2n + λ(ρ‖b‖₁ + (1 − ρ)‖b‖²/2) for each feature y over single trials,
    both centred, in units in which y has variance one and the responses have on average
    [ours]. λ is the same fraction, `strength_`, of each feature's λmax (above which it uses
    no cell), chosen inside training; see `decoding.sparse_choice.sparse_solver` [ours].

    Parameters
    ----------
    strengths : sequence of float, descending
        Fractions of λmax to choose from, at most 1.
    l1_share : float
        ρ, above 0 and up to 1, where it is the lasso.
    """

    def __init__(self, strengths: Sequence[float] = STRENGTHS, l1_share: float = L1_SHARE) -> None:
        self.strengths = strengths
        self.l1_share = l1_share

    def factorise(self, training: TrainingResponses) -> Solver:
        """Gram matrices of the responses, whole and of each inner fold."""
        require_fractions(self.strengths)
        require_share("l1_share", self.l1_share)
        return sparse_solver(training, self.strengths, self.l1_share)

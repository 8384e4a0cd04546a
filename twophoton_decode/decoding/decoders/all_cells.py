"""Every cell enters every feature: least squares without regularisation."""

from __future__ import annotations

import numpy as np

from twophoton_decode.decoding.contract import RidgePenalty
from twophoton_decode.decoding.fitting.affine import AffineDecoder, Solver
from twophoton_decode.decoding.fitting.readout import RidgeMixing
from twophoton_decode.decoding.fitting.thin_weights import Basis, ThinWeights
from twophoton_decode.decoding.fitting.training import TrainingResponses

PEAK = (0.5, 2.0)
"""Cells per presentation (or image) between which unregularised fits peak in error."""


class Decoder(RidgePenalty, AffineDecoder):
    """F̂_j = Σ_k H_jk R_k + b_j over every cell, for each feature j by itself [paper].

    Least squares over single trials; of all minimisers the one of smallest norm, singular
    values of the centred responses below 1e-10 of the largest counting as zero [ours].
    Warns where cells / presentations or cells / images lies between 0.5 and 2, since the
    error of such fits peaks there, and where cells outnumber presentations.
    """

    def factorise(self, training: TrainingResponses) -> Solver:
        """The pseudo-inverse of the responses, applied to any targets."""
        U, s, Vt = training.svd
        inverse = ThinWeights(Basis(Vt.T), training.sum_by_target(U / s).T)
        warnings = (*_peak_warnings(training), *_exact_fit_warnings(training))

        def solve(targets: np.ndarray) -> RidgeMixing:
            return RidgeMixing(inverse, targets, warnings=warnings)

        return solve


def _peak_warnings(training: TrainingResponses) -> tuple[str, ...]:
    cells = training.cells - training.constant_cells
    counts = {"presentations": training.presentations, "images": len(training.repeats)}
    return tuple(
        f"{cells} cells for {count} training {what}: the error of least squares without "
        f"regularisation peaks near one cell per {what[:-1]}; compare with ridge."
        for what, count in counts.items()
        if PEAK[0] <= cells / count <= PEAK[1]
    )


def _exact_fit_warnings(training: TrainingResponses) -> tuple[str, ...]:
    cells = training.cells - training.constant_cells
    if cells <= training.presentations:
        return ()
    return (
        f"{cells} cells outnumber the {training.presentations} training "
        "presentations. Many weights fit them equally well; those of smallest norm are taken.",
    )

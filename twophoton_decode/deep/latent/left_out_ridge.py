"""Ridge of any targets on responses, and what it predicts of images left out inside training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from twophoton_decode.decoding.fitting.thin_weights import ThinWeights
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.ridge.hat import hat_matrices
from twophoton_decode.decoding.ridge.strength import (
    STRENGTHS,
    choose_penalty,
    held_out_residual,
    members_by_size,
)
from twophoton_decode.statistics.by_image import mean_by_image


@dataclass(frozen=True, eq=False)
class LeftOutRidge:
    """A fit to the training images of one fold.

    Minimises ‖Y − RH‖² + α‖H‖² over single trials; one strength α for all targets, with the
    smallest squared error on images left out inside training. Targets may be many: they enter
    by their products between images alone.

    Attributes
    ----------
    centre : ndarray, shape (cells,)
        Mean training response.
    mixture : ThinWeights
        (cells, images).
    targets : ndarray of float32, shape (images, values)
        Minus `mean`.
    mean : ndarray of float32, shape (values,)
        Over training presentations.
    of_single : ndarray of float32, shape (presentations, images)
        From targets to what a fit without its group predicts of each training presentation.
    of_average : ndarray of float32, shape (images, images)
        Its mean over the presentations of each image.
    strength : float
        Relative to the mean eigenvalue of RᵀR.
    warnings : tuple of str
    """

    centre: np.ndarray
    mixture: ThinWeights
    targets: np.ndarray
    mean: np.ndarray
    of_single: np.ndarray
    of_average: np.ndarray
    strength: float
    warnings: tuple[str, ...]

    @classmethod
    def fit(cls, training: TrainingResponses, targets: np.ndarray) -> Self:
        """Fit targets (images, values), one row for each target of `training`."""
        training.require_change()
        mean = training.mean_target(targets).astype(np.float32)
        targets = (targets - mean).astype(np.float32)
        choice = choose_penalty(training, STRENGTHS)(targets)
        hat = hat_matrices(training)(choice.strength)
        of_single = np.eye(len(targets), dtype=np.float32)[training.target]
        # The identity's residuals are about its mean over presentations, as the fit is.
        of_single -= (training.repeats / training.presentations).astype(np.float32)
        of_single -= held_out_residual(hat, members_by_size(training.group), None).astype(
            np.float32
        )
        return cls(
            centre=training.mean,
            mixture=hat.mixture,
            targets=targets,
            mean=mean,
            of_single=of_single,
            of_average=mean_by_image(of_single, training.target, len(targets)).astype(np.float32),
            strength=choice.strength * training.cells / training.variance,
            warnings=choice.warnings,
        )

    def deviation(self, R: np.ndarray) -> np.ndarray:
        """Predicted minus mean training target, (n, values), of responses (n, cells)."""
        share = ((R - self.centre) @ self.mixture).astype(np.float32)
        return np.asarray(share @ self.targets)

    def left_out(self, share: np.ndarray) -> np.ndarray:
        """The same of rows of `of_single` or `of_average`."""
        return np.asarray(share @ self.targets)

"""How alike the reconstructions of one image stay while the responding cells change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.perturbation import Perturbations
from twophoton_decode.records.fields.shown_stability import ShownStability


@dataclass(frozen=True, eq=False)
class Stability(ShownStability, Perturbations):
    """Similarity and variability over repeats of an image (docs/methods/stability.md).

    Every value is a mean over the trials of an image. *Leave-one-out* compares a trial
    with the average of the other trials; *including* is the paper's version, in which the
    trial is part of the average. The mean training image is always subtracted.
    """

    reconstruction_similarity: np.ndarray = array("image", doc="leave-one-out")
    reconstruction_similarity_including: np.ndarray = array("image", doc="paper's version")
    reconstruction_similarity_other: np.ndarray = array(
        "image", doc="with the averages of other images, averaged over them"
    )
    reconstruction_split_half: np.ndarray = array(
        "image", doc="half of the trials against the other half, Spearman-Brown corrected"
    )
    response_similarity: np.ndarray = array("image", doc="leave-one-out, responsive cells")
    response_similarity_including: np.ndarray = array("image", doc="paper's version")
    response_similarity_other: np.ndarray = array(
        "image", doc="with the averages of other images, averaged over them"
    )
    response_split_half: np.ndarray = array("image", doc="as for reconstructions")
    reconstruction_variability: np.ndarray = array(
        "image", doc="squared difference to the other trials' average over its squared norm"
    )
    reconstruction_variability_including: np.ndarray = array("image", doc="paper's version")
    response_variability: np.ndarray = array("image", doc="the same for responses")
    response_variability_including: np.ndarray = array("image", doc="paper's version")
    similarity_of_trial: np.ndarray = array(
        "presentation", doc="reconstruction similarity of each trial, leave-one-out"
    )
    gain_of_trial: np.ndarray = array(
        "presentation", doc="mean response of all cells less its mean over the image's trials"
    )
    responsive_cells: np.ndarray = array("image", "cells", dtype=np.int64, doc="cells compared")
    repeats: np.ndarray = array("image", dtype=np.int64, doc="trials of each image")
    similarity_correlation: float = scalar(
        doc="Spearman correlation over images of reconstruction and response similarity"
    )
    p_reconstruction_over_other: float = scalar(
        doc="two-sided: own less other images' similarity; do responses tell images apart, "
        "whether or not the reconstructions are right?"
    )
    p_reconstruction_over_response: float = scalar(
        doc="two-sided: reconstruction less response similarity"
    )
    reconstruction_similarity_ci95: tuple[float, float] = scalar(
        doc="95 % interval of the mean over images"
    )
    response_similarity_ci95: tuple[float, float] = scalar(doc="likewise")
    similarity_difference_ci95: tuple[float, float] = scalar(
        doc="of the mean difference to other images' reconstruction similarity"
    )
    gain_correlation: float = scalar(
        doc="correlation over trials of similarity and gain, both less their image's mean"
    )
    gain_p: float = scalar(doc="two-sided; allows for slow changes of both over the session")
    noise_autocorrelation: float = scalar(
        doc="correlation of noise in successive presentations, mean over cells; NaN without onsets",
        default=float("nan"),
    )
    r_single: float = scalar(
        doc="mean R per trial of the reconstructions: stable ones need not be right",
        default=float("nan"),
    )
    r_single_ci95: tuple[float, float] = scalar(
        doc="its 95 % interval", default=(float("nan"), float("nan"))
    )
    decoder: str = scalar(doc="name of the decoder")
    notes: list[str] = scalar(doc="images left out and why")

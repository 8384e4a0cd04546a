"""Reconstructions after cells were removed, weights exchanged, or trials shuffled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Perturbations(Record):
    """Drop-out of cells, and surrogates of the decoder and of the trials.

    Most active are the strongest responses of a trial; random cells are drawn anew
    repeatedly. NaN stands for images that were not tested.
    """

    perturbed: np.ndarray = array(
        "image", dtype=bool, doc="images whose presentations were decoded with perturbations"
    )
    removed: np.ndarray = array(
        "removal", "cells", dtype=np.int64, doc="cells removed from each trial, from 0 on"
    )
    dropout_r: np.ndarray = array("image removal", doc="R per trial without the most active cells")
    dropout_r_random: np.ndarray = array("image removal", doc="R without as many random cells")
    dropout_r_low: np.ndarray = array(
        "removal", doc="lower end, 95 %, of the mean difference, most active less random"
    )
    dropout_r_high: np.ndarray = array("removal", doc="its upper end")
    dropout_r_p: np.ndarray = array(
        "removal", doc="two-sided p of the mean difference, Holm over removals and both measures"
    )
    dropout_r_effect: np.ndarray = array("removal", doc="its rank-biserial correlation")
    dropout_similarity: np.ndarray = array(
        "image removal", doc="similarity to the other trials' average, most active cells removed"
    )
    dropout_similarity_random: np.ndarray = array("image removal", doc="random cells removed")
    dropout_similarity_low: np.ndarray = array("removal", doc="as for dropout_r")
    dropout_similarity_high: np.ndarray = array("removal", doc="as for dropout_r")
    dropout_similarity_p: np.ndarray = array("removal", doc="as for dropout_r")
    dropout_similarity_effect: np.ndarray = array("removal", doc="as for dropout_r")
    permuted_weights: np.ndarray = array(
        "surrogate", doc="mean similarity with reverse filters exchanged between cells"
    )
    shuffled_trials: np.ndarray = array(
        "surrogate", doc="mean similarity with each cell's trials exchanged within images"
    )
    similarity_perturbed: float = scalar(
        doc="mean reconstruction similarity of the images that were perturbed"
    )
    permuted_weights_p: float = scalar(
        doc="one-sided: as similar with permuted weights; small if the weights belong to these "
        "cells, which shows information, not stability"
    )
    permuted_weights_effect: float = scalar(
        doc="similarity less that with permuted weights, in standard deviations of the latter"
    )
    shuffled_trials_p: float = scalar(
        doc="two-sided: is it as similar as with shuffled trials, as the responses allow?"
    )
    shuffled_trials_effect: float = scalar(
        doc="similarity less that with shuffled trials, in standard deviations of the latter"
    )
    similarity_allowed: float = scalar(
        doc="mean similarity that the responses allow: each cell as reliable as it is, its noise "
        "its own and new in every trial; mean of shuffled_trials",
        default=NAN,
    )
    similarity_beyond_allowed: float = scalar(
        doc="similarity_perturbed - similarity_allowed: what noise does that cells share, or that "
        "lasts over presentations",
        default=NAN,
    )
    similarity_beyond_allowed_ci95: tuple[float, float] = scalar(
        doc="95 % interval of the same over images", default=(NAN, NAN)
    )

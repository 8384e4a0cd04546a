"""What a reconstruction loses with a trial's most active cells, and with random ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from twophoton_decode.analyses.readout import FoldReadout
from twophoton_decode.statistics.image_mean import image_mean
from twophoton_decode.statistics.paired import holm, rank_biserial

DRAWS = 20
STEPS = (1, 2, 5)
MEASURES = ("r", "r_random", "similarity", "similarity_random")
ROUNDING = 1e-7
"""Decoding is done in float32: smaller differences are none."""


def removal_counts(cells: int) -> np.ndarray:
    """0, 1, 2, 5, 10, 20 … cells, up to half of all."""
    powers = 10 ** np.arange(int(np.log10(max(cells, 1))) + 1)
    counts = np.unique([0, *(step * power for power in powers for step in STEPS)])
    return counts[counts <= cells // 2]


def drop_out(
    readout: FoldReadout, removed: np.ndarray, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """R and similarity after cells of each trial were removed, most active or random [ours].

    A removed cell stands at its training mean. Most active: the strongest responses of the
    trial. Random cells are drawn 20 times, the same for all trials of a draw; a draw's sets
    grow by adding cells. Similarity is that with the average of the image's other trials,
    from which no cell was removed.

    Parameters
    ----------
    removed : ndarray of int, shape (counts,)
        Rising numbers of cells, the first of them 0.

    Returns
    -------
    dict
        `MEASURES`, each of shape (images, counts).
    """
    whole = readout.decoded(readout.amplitude)
    found = {name: np.zeros((len(readout.trials.shown), len(removed))) for name in MEASURES}
    strongest = np.argsort(-readout.trials.response, axis=1, kind="stable")
    orders = rng.permuted(np.tile(np.arange(readout.amplitude.shape[1]), (DRAWS, 1)), axis=1)
    without_strongest = readout.after_removing(strongest, removed, whole)
    of_draws = [readout.after_removing(order, removed, whole) for order in orders]
    without_random = zip(*of_draws, strict=True)
    both = zip(without_strongest, without_random, strict=True)
    for column, (top, random) in enumerate(both):
        for made, suffix in ((top[None], ""), (np.stack(random), "_random")):
            r, similarity = readout.r(made), readout.similarity(made, compared=whole)
            found[f"r{suffix}"][:, column] = readout.by_image(r).mean(axis=0)
            found[f"similarity{suffix}"][:, column] = readout.by_image(similarity).mean(axis=0)
    return found


def compared(found: Mapping[str, np.ndarray], content: np.ndarray) -> dict[str, Any]:
    """Most active less random cells, paired over images, at every count.

    Mean difference over images with its interval and two-sided test, corrected after Holm
    over counts and both measures; rank-biserial correlation as the effect size. That images
    train each other's decoder cancels in the difference, so that it is not widened for it.

    Parameters
    ----------
    found : mapping
        `MEASURES`, each of shape (images, counts); images with NaN are left out.
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.

    Returns
    -------
    dict
        Fields ``dropout_r_…`` and ``dropout_similarity_…`` of the record, from count 0 on.
    """
    fields: dict[str, Any] = {}
    for measure in ("r", "similarity"):
        loss = found[measure] - found[f"{measure}_random"]
        known = np.isfinite(loss).all(axis=1)
        loss = np.where(np.abs(loss[known]) < ROUNDING, 0.0, loss[known])
        means = [image_mean(column, content[known]) for column in loss.T]
        fields[f"dropout_{measure}_low"] = np.array([each.interval[0] for each in means])
        fields[f"dropout_{measure}_high"] = np.array([each.interval[1] for each in means])
        fields[f"dropout_{measure}_effect"] = np.array([rank_biserial(c) for c in loss.T])
        # Without any cell removed there is nothing to test.
        fields[f"dropout_{measure}_p"] = np.array(
            [each.p if column.any() else np.nan for each, column in zip(means, loss.T, strict=True)]
        )
    p = holm(np.concatenate([fields["dropout_r_p"], fields["dropout_similarity_p"]]))
    fields["dropout_r_p"], fields["dropout_similarity_p"] = np.split(p, 2)
    return fields

"""The strongest cells against as many other cells, image by image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from twophoton_decode.statistics.image_mean import image_means
from twophoton_decode.statistics.paired import ROUNDING, holm, rank_biserial


def compared(
    strongest: np.ndarray,
    controls: Mapping[str, np.ndarray],
    cells: np.ndarray,
    at: Sequence[int],
    content: np.ndarray,
    widening: float,
) -> dict[str, Any]:
    """R from the n strongest cells less R of each control, paired over images.

    Mean differences with the widened interval and two-sided test of `widened_means` [ours],
    p corrected after Holm over all controls and counts; matched-pairs rank-biserial
    correlation as the effect size.

    Parameters
    ----------
    strongest : ndarray, shape (images, counts)
    controls : mapping of name to ndarray, shape (images, counts) or (images, 1)
        One column: the same value is compared at every count.
    cells : ndarray of int, shape (counts,)
        The number of cells at each count.
    at : sequence of int
        The numbers of cells at which to compare; those that are not in `cells` are left out.
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same.
    widening : float
        Standard error of mean R over that of independent images.

    Returns
    -------
    dict
        Fields ``compared_…`` of `CellCountCurves`, one entry per control and count.
    """
    counts = [int(n) for n in np.unique(np.asarray(at, int)) if n in cells[1:-1]]
    pairs = [(name, n) for name in controls for n in counts]
    gains = np.empty((len(strongest), len(pairs)))
    for column, (name, n) in enumerate(pairs):
        place = int(np.searchsorted(cells, n))
        control = controls[name][:, place if controls[name].shape[1] > 1 else 0]
        gains[:, column] = strongest[:, place] - control
    gains[np.abs(gains) < ROUNDING] = 0.0
    means = image_means(gains, content, widening=widening)
    low, high = means.interval()
    p = means.p_differs()
    return {
        "compared_with": np.array([name for name, _ in pairs], dtype=str),
        "compared_cells": np.array([n for _, n in pairs], dtype=np.int64),
        "compared_gain": means.mean,
        "compared_gain_low": low,
        "compared_gain_high": high,
        "compared_effect": np.array([rank_biserial(gain) for gain in gains.T], float),
        "compared_p": p,
        "compared_p_holm": holm(p),
    }

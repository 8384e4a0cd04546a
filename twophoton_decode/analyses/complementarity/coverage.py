"""How many new cells does each further image need?"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammaln

from twophoton_decode.errors import AnalysisError
from twophoton_decode.statistics.permutation import p_as_far

ORDERS = 500
"""Random orders of the images, for the band and p."""


def coverage(responsive: np.ndarray, score: np.ndarray, rng: np.random.Generator) -> dict[str, Any]:
    """Distinct responsive cells against number of images, best first [paper].

    Images in random order are the comparison [ours]: their expected curve is exact, the band
    holds 95 % of random orders at each count, and p compares the mean of the curve.

    Parameters
    ----------
    responsive : ndarray of bool, shape (cells, images)
    score : ndarray, shape (images,)
        Images are sorted by it; those without one come last.

    Returns
    -------
    dict
        By field of `Complementarity`.

    Raises
    ------
    AnalysisError
        No cell responds to any image.
    """
    cell, image = np.nonzero(responsive)
    if not len(cell):
        raise AnalysisError("no cell responds to any image.")
    start = np.flatnonzero(np.diff(cell, prepend=-1))
    images = responsive.shape[1]

    def new_cells(rank: np.ndarray) -> np.ndarray:
        first = np.minimum.reduceat(rank[image], start)
        return np.bincount(first, minlength=images)

    order = np.argsort(-score, kind="stable")
    new = new_cells(np.argsort(order))
    covered = np.cumsum(new)
    random = np.stack([np.cumsum(new_cells(rng.permutation(images))) for _ in range(ORDERS)])
    expected = expected_coverage(responsive.sum(axis=1), images)
    return {
        "coverage_order": order,
        "new_cells": new,
        "covered": covered,
        "covered_random": expected,
        "covered_random_band": np.percentile(random, [2.5, 97.5], axis=0).T,
        "coverage_p": p_as_far(float(covered.mean()), random.mean(axis=1), expected.mean()),
    }


def expected_coverage(images_of_cell: np.ndarray, images: int) -> np.ndarray:
    """Expected number of distinct cells after 1…`images` images in random order.

    A cell that responds to c of I images is missed by n of them with the probability
    C(I − c, n) / C(I, n).

    Parameters
    ----------
    images_of_cell : ndarray of int, shape (cells,)
    """
    kinds, cells = np.unique(images_of_cell[images_of_cell > 0], return_counts=True)
    n = np.arange(1, images + 1)
    rest = images - kinds[:, None]
    possible = n <= rest
    left = np.where(possible, rest - n, 0)
    log_missed = gammaln(rest + 1) - gammaln(left + 1) + gammaln(images - n + 1)
    missed = np.where(possible, np.exp(log_missed - gammaln(images + 1)), 0.0)
    covered: np.ndarray = cells @ (1 - missed)
    return covered

"""The hierarchy score: layers of units against the populations that decode them best."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from scipy import stats

LEVEL = 0.05
LAYERS = 5
DRAWS = 100
"""Choices of the layers between the first and the last."""
MOST_ORDERS = 720
"""Of more populations than six, so many orders are drawn at random."""


def best_population(
    r: np.ndarray, images: int | np.ndarray, *, stored_t: bool = False
) -> np.ndarray:
    """The population with the best accuracy for every unit; −1 where it is not above chance.

    Best accuracy above 0 and p < 0.05, two-sided, t with n − 2 degrees of freedom
    [Nonaka et al. 2021]. t is r √((n − 2) / (1 − r²)) [field]; in the code that the study's
    authors published it is r √((n − 2) (1 − r²)), which is smaller and leaves out more units,
    those that are decoded almost perfectly among them.

    Parameters
    ----------
    r : ndarray, shape (…, populations, units)
    images : int, or ndarray that goes with r without its last two axes
        Test pictures behind each r.
    stored_t : bool
        As in that code.
    """
    best, place = r.max(axis=-2), r.argmax(axis=-2)
    rest = np.maximum(1 - best**2, np.finfo(float).tiny)
    freedom = np.asarray(images)[..., None] - 2
    t = best * np.sqrt(freedom * rest if stored_t else freedom / rest)
    p = 2 * stats.t.sf(t, freedom)
    return np.where((best > 0) & (p < LEVEL), place, -1)


def counted(best: np.ndarray, populations: int) -> np.ndarray:
    """How many units each population decodes best, (…, populations); those of none are left out."""
    return np.stack([(best == place).sum(axis=-1) for place in range(populations)], axis=-1)


def layer_draws(layers: int, rng: np.random.Generator) -> np.ndarray:
    """The first layer, three at random, the last, in order; (100, 5), or all if there are ≤ 5."""
    if layers <= LAYERS:
        return np.arange(layers)[None]
    between = [
        np.sort(rng.choice(np.arange(1, layers - 1), LAYERS - 2, replace=False))
        for _ in range(DRAWS)
    ]
    ends = np.zeros((DRAWS, 1), int), np.full((DRAWS, 1), layers - 1)
    return np.concatenate([ends[0], np.stack(between), ends[1]], axis=1)


def hierarchy(table: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Mean over draws of layers of Spearman's correlation of layer and population, over units.

    Parameters
    ----------
    table : ndarray, shape (…, layers, populations)
        Units of each layer that each population decodes best, populations in their order.
    draws : ndarray, shape (draws, layers)

    Returns
    -------
    ndarray, shape (…)
        NaN where in every draw all units are of one population or layer; other draws count.
    """
    found = spearman_of_table(table[..., draws, :])
    known = np.isfinite(found)
    total, number = np.where(known, found, 0).sum(axis=-1), known.sum(axis=-1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def spearman_of_table(table: np.ndarray) -> np.ndarray:
    """Spearman's correlation of row and column over the counts of a table (…, rows, columns).

    Midranks follow from the margins, so that units need not be listed.
    """
    table = np.asarray(table, float)
    rows, columns = table.sum(axis=-1), table.sum(axis=-2)
    a, b = (_midranks(each) for each in (rows, columns))
    product = np.einsum("...rc,...r,...c->...", table, a, b)
    spread = (rows * a * a).sum(axis=-1) * (columns * b * b).sum(axis=-1)
    known = spread > 0
    return np.where(known, product / np.sqrt(np.where(known, spread, 1)), np.nan)


def _midranks(count: np.ndarray) -> np.ndarray:
    """Ranks of groups in a row, about their mean, ties at their middle."""
    total = count.sum(axis=-1, keepdims=True)
    ranks: np.ndarray = np.cumsum(count, axis=-1) - count / 2 - total / 2
    return ranks


def orders(populations: int, rng: np.random.Generator) -> np.ndarray:
    """Every order of the populations, the true one first; (orders, populations)."""
    if populations <= 6:
        return np.array(list(permutations(range(populations))))
    drawn = [rng.permutation(populations) for _ in range(MOST_ORDERS - 1)]
    return np.array([np.arange(populations), *drawn])

"""The wrong-image null: every prediction scored against another image of its fold.

Nothing is fitted anew, so it is no chance of the whole procedure; it says what the score is when
the decoded pattern belongs to another picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from twophoton_decode.statistics.image_mean import SHARED_TRAINING
from twophoton_decode.statistics.permutation import derangement, p_above


class WrongImages(NamedTuple):
    """Mean of a score with wrong images, where 95 % of exchanges lie, and one-sided p.

    All NaN where more than half of a fold's images show the same.
    """

    mean: float
    low: float
    high: float
    p: float


def exchanges(
    fold: np.ndarray, content: np.ndarray, draws: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Wrong images for every fold, (draws, images of the fold); empty where there are none."""
    orders = []
    for number in range(int(fold.max()) + 1):
        own = np.unique(content[fold == number], return_inverse=True)[1]
        possible = 2 * np.bincount(own).max() <= len(own)
        orders.append(
            np.array([derangement(own, rng) for _ in range(draws if possible else 0)], dtype=int)
        )
    return orders


def wrong_images(
    tables: Sequence[np.ndarray], orders: Sequence[np.ndarray], score: float
) -> WrongImages:
    """A mean over images with every image exchanged for another one.

    Images train each other's decoders, so that the mean varies more than exchanges tell: they
    are stretched about their mean by √2, as V = 2 N of every score without deletion effects
    (`mean_score`).

    Parameters
    ----------
    tables : sequence of ndarray, shape (n, n)
        One a fold: score of the image in the row if the one in the column had been shown.
    orders : sequence of ndarray
        From `exchanges`.
    score : float
        The mean with the images that were shown.
    """
    if not all(len(order) for order in orders):
        return WrongImages(*[float("nan")] * 4)
    total = sum(
        table[np.arange(len(table)), order].sum(axis=1)
        for table, order in zip(tables, orders, strict=True)
    )
    means = np.asarray(total) / sum(len(table) for table in tables)
    middle = float(means.mean())
    means = middle + SHARED_TRAINING * (means - middle)
    low, high = np.quantile(means, (0.025, 0.975))
    return WrongImages(middle, float(low), float(high), p_above(score, means))

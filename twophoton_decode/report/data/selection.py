"""A page of so many pictures as there is room for, evenly from the best to the worst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from twophoton_decode.analyses.pairing import of_images
from twophoton_decode.records import Reconstruction, Responses, Stability

R = TypeVar("R", Responses, Reconstruction, Stability)

FEWEST = 20
"""Pictures that every page shows, however large they are."""


def evenly(score: np.ndarray, count: int) -> np.ndarray:
    """Indices of `count` images from the highest score to the lowest, in rising order.

    Scores that are not defined count as the lowest.
    """
    ranked = np.argsort(-np.nan_to_num(score, nan=-np.inf), kind="stable")
    places = np.round(np.linspace(0, len(ranked) - 1, min(count, len(ranked)))).astype(int)
    return np.sort(ranked[places])


def of_each(records: Mapping[str, R], images: np.ndarray, shown: np.ndarray) -> dict[str, R]:
    """`of_images` of every decoder's record."""
    return {name: of_images(record, images, shown) for name, record in records.items()}

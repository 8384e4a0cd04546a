"""A page of so many pictures as there is room for, evenly from the best to the worst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

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


def of_images(record: R, images: np.ndarray, shown: np.ndarray) -> R:
    """The record of some images only, numbered anew.

    Parameters
    ----------
    record : Responses, Reconstruction or Stability
        Its axes `image` and, if any, `presentation` are cut. What is said of the population
        over images is left as it is.
    images : ndarray of int
        Which to keep, in rising order.
    shown : ndarray of int, shape (presentations,)
        The image of each presentation of the session.
    """
    rows = {"image": images, "presentation": np.flatnonzero(np.isin(shown, images))}
    changed: dict[str, Any] = {}
    for name, spec in record.arrays():
        values = getattr(record, name)
        if values is not None and set(spec.axes) & set(rows):
            for place, axis in enumerate(spec.axes):
                if axis in rows:
                    values = np.take(values, rows[axis], axis=place)
            changed[name] = values
    if isinstance(record, Responses | Reconstruction):
        changed["image"] = np.searchsorted(images, changed["image"])
    return replace(record, **changed)


def of_each(records: Mapping[str, R], images: np.ndarray, shown: np.ndarray) -> dict[str, R]:
    """`of_images` of every decoder's record."""
    return {name: of_images(record, images, shown) for name, record in records.items()}

"""Maps of attention over pictures: from a file, brought to a layer's size, averaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.files.array import read_array

_AXES = 3


@dataclass(frozen=True, eq=False)
class AttentionMaps:
    """Where attention lies on every picture.

    Attributes
    ----------
    value : ndarray, shape (image, y, x)
        From 0 to 1, over the central square that networks are given.
    source : str
        What made them, in a few words.
    sha256 : str
        Of the weights behind them; empty where there are none.
    notes : list of str
    """

    value: np.ndarray
    source: str
    sha256: str
    notes: list[str]


def read_maps(path: Path, key: str, images: int) -> AttentionMaps:
    """Maps of a file, (image, y, x), one for every picture in its order.

    Raises
    ------
    AnalysisError
        Another number of maps, maps that are not square, a constant or a negative one, or
        values that are not finite; or the file is damaged.
    UsageError
        There is no such file or key.
    """
    value = read_array(path, key, error=AnalysisError).astype(np.float64)
    if value.ndim != _AXES or len(value) != images or value.shape[1] != value.shape[2]:
        raise AnalysisError(
            f"{path}: expected a square map for each of {images} pictures, (images, y, x), found "
            f"an array {value.shape}. Maps lie over the central square of the pictures."
        )
    _refuse(path, (~np.isfinite(value)).any(axis=(1, 2)), "is NaN or infinite somewhere")
    _refuse(path, (value < 0).any(axis=(1, 2)), "has negative values; attention is 0 or more")
    _refuse(
        path,
        np.asarray(np.ptp(value, axis=(1, 2)) == 0),
        "has one value everywhere, and attends nowhere",
    )
    top = float(value.max())
    notes = [f"{path.name}: maps were divided by their largest value, {top:.4g}."]
    return AttentionMaps(value / max(top, 1.0), path.name, "", notes if top > 1 else [])


def _refuse(path: Path, found: Any, why: str) -> None:
    bad = np.atleast_1d(found)
    if bad.any():
        raise AnalysisError(
            f"{path}: the map of picture {int(np.flatnonzero(bad)[0])}, counted from 0, {why} "
            f"({int(bad.sum())} of {len(bad)} maps)."
        )


def peak_at_one(attention: np.ndarray) -> tuple[np.ndarray, int]:
    """Maps (image, y, x) without what is below 0, each over its largest value; how many are 0."""
    positive = np.maximum(attention, 0)
    top = positive.max(axis=(1, 2), keepdims=True)
    return positive / np.where(top > 0, top, 1), int(np.count_nonzero(top == 0))


def at_units(maps: np.ndarray, place: np.ndarray, side: int) -> np.ndarray:
    """Attention where each unit looks, (image, unit).

    Parameters
    ----------
    maps : ndarray, shape (image, y, x)
    place : ndarray of int, shape (3, unit)
        Channel, row and column of each unit in its layer.
    side : int
        Rows, and columns, of the layer.
    """
    return resized(maps, side)[:, place[1], place[2]]


def resized(maps: np.ndarray, side: int) -> np.ndarray:
    """Square maps at `side` px: averaged over areas when smaller, bilinear when larger."""
    weights = _resizing(maps.shape[-1], side)
    return weights @ maps @ weights.T


def _resizing(before: int, after: int) -> np.ndarray:
    """What each old row gives to each new one, (after, before)."""
    if after < before:
        edges = np.arange(after + 1) * before / after
        old = np.arange(before)
        shared = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
        return np.clip(shared, 0, None) * after / before
    centre = np.clip((np.arange(after) + 0.5) * before / after - 0.5, 0, before - 1)
    return np.clip(1 - np.abs(centre[:, None] - np.arange(before)), 0, None)

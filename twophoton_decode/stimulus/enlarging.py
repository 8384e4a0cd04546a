"""Small pictures at the size that a network asks for."""

from __future__ import annotations

import numpy as np


def enlarged(picture: np.ndarray, side: int) -> np.ndarray:
    """A picture (…, y, x) at (…, side, side), bilinearly; its pixels' centres keep their place.

    A picture that is not square is stretched. None may be larger than `side`.
    """
    if picture.shape[-2:] == (side, side):
        return picture
    rows, columns = (_weights(before, side) for before in picture.shape[-2:])
    return rows @ picture @ columns.T


def _weights(before: int, side: int) -> np.ndarray:
    """What each pixel gives to each of the larger picture, (side, before)."""
    centre = np.clip((np.arange(side) + 0.5) * before / side - 0.5, 0, before - 1)
    weights = np.clip(1 - np.abs(centre[:, None] - np.arange(before)), 0, None)
    return np.asarray(weights.astype(np.float32))

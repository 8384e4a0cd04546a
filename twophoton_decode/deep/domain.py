"""What a picture is to a network, stated once: range, order of channels, size, and resizing.

Pictures are float32 (picture, 3, y, x) of sRGB as stored, from 0 (black) to 1 (white), in
the order red, green, blue. Each network takes its own mean and spread off after that.
"""

from __future__ import annotations

from typing import Final

import numpy as np

VALUES: Final = "sRGB as stored, 0 (black) to 1 (white), red green blue"
RESIZING: Final = "central square; area mean when shrinking, bilinear when enlarging"
UNIT_SEED: Final = 0
"""Of the choice of units in layers that have too many. Never changed: features of different
sessions must have the same units."""


def enlarged(picture: np.ndarray, side: int) -> np.ndarray:
    """A square picture (3, y, y) at `side` pixels, bilinearly; its pixels' centres keep place."""
    before = picture.shape[-1]
    if before == side:
        return picture
    centre = np.clip((np.arange(side) + 0.5) * before / side - 0.5, 0, before - 1)
    weights = np.clip(1 - np.abs(centre[:, None] - np.arange(before)), 0, None)
    weights = weights.astype(np.float32)
    return weights @ picture @ weights.T

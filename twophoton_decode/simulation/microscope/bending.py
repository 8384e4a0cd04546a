"""How tissue bends: smooth motion that is not the same over the whole field of view."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

MODES = 3
"""Patterns of bending: along y, along x, and along both."""


def bending_modes(y: np.ndarray, x: np.ndarray, side: int) -> np.ndarray:
    """The patterns in which tissue bends, between -1 and 1, at places of the field of view.

    Half a cosine from one border to the other along y, along x, and their product, so that
    no pattern moves the field as a whole.

    Returns
    -------
    ndarray, shape (modes, *places)
    """
    along_y, along_x = (np.cos(np.pi * (place + 0.5) / side) for place in (y, x))
    return np.stack(np.broadcast_arrays(along_y, along_x, along_y * along_x))


def displaced(frame: np.ndarray, displacement: np.ndarray, margin: int) -> np.ndarray:
    """The field of view after its tissue was displaced, bilinear between pixels.

    Parameters
    ----------
    frame : ndarray, shape (height + 2 margin, width + 2 margin)
    displacement : ndarray, shape (2, height, width), px
        Down and to the right, of what is seen at each pixel.

    Returns
    -------
    ndarray of float32, shape (height, width)
    """
    source = np.indices(displacement.shape[1:]) + (margin - displacement)
    return map_coordinates(frame, source, np.float32, order=1, mode="nearest")

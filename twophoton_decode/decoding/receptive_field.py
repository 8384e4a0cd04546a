"""Where on the picture a cell looks: receptive field, its centre and its area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from twophoton_decode.features import LinearFeatures

SMOOTHING_PX = 1.0
"""Standard deviation of the Gaussian that smooths the energy of a field."""


@dataclass(frozen=True, eq=False)
class Extent:
    """Centre and area of each receptive field, px and px²; NaN where there is none."""

    x: np.ndarray
    y: np.ndarray
    area: np.ndarray


def pixel_weights(weight: np.ndarray, space: LinearFeatures) -> np.ndarray:
    """Gradient of the modelled responses with respect to each pixel, (cells, y, x).

    The response is linear in the features and these are linear in the pixels, so it is
    the weights times the features of pictures with a single lit pixel.
    """
    height, width = space.shape
    unit = np.eye(height * width).reshape(-1, height, width)
    return (weight @ space.encode(unit).T).reshape(-1, height, width)


def extents(fields: np.ndarray) -> Extent:
    """Centre and area at half maximum of the smoothed energy."""
    found = np.full((3, len(fields)), np.nan)
    for cell, field in enumerate(fields):
        if field.any():
            found[:, cell] = _extent(field)
    return Extent(*found)


def _extent(field: np.ndarray) -> tuple[float, float, float]:
    energy = ndimage.gaussian_filter(field.astype(float) ** 2, SMOOTHING_PX, mode="constant")
    label, _ = ndimage.label(energy >= energy.max() / 2)
    part = label == label.flat[energy.argmax()]
    y, x = ndimage.center_of_mass(energy * part)
    return float(x), float(y), float(part.sum())

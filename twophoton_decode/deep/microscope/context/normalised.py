"""Pictures of a field brought to one contrast, so that fields can be compared."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates, uniform_filter

_AROUND_PX = 41
_LARGEST = 8.0


def normalised(pictures: np.ndarray) -> np.ndarray:
    """Each picture less its surroundings, in units of its own typical deviation there.

    Parameters
    ----------
    pictures : ndarray, shape (pictures, y, x)
        NaN where there is nothing to see; it becomes 0.

    Returns
    -------
    ndarray of float32, same shape
        Cut at ±8 and divided by 4.
    """
    return np.stack([_one(np.asarray(each, np.float64)) for each in pictures])


def _one(picture: np.ndarray) -> np.ndarray:
    seen = np.isfinite(picture)
    if not seen.any():
        return np.zeros(picture.shape, np.float32)
    filled = np.where(seen, picture, np.median(picture[seen]))
    high = filled - uniform_filter(filled, _AROUND_PX, mode="reflect")
    # The median deviation, so that bright cells do not make all others look dim.
    scaled = high / np.maximum(_spread(high), 1e-9 + 1e-6 * abs(filled).max())
    return np.where(seen, np.clip(scaled, -_LARGEST, _LARGEST) / 4, 0).astype(np.float32)


def _spread(high: np.ndarray) -> np.ndarray:
    """Typical deviation around every pixel, from medians in tiles."""
    tiles = [max(1, round(length / _AROUND_PX)) for length in high.shape]
    rows = [np.array_split(row, tiles[1], axis=1) for row in np.array_split(high, tiles[0])]
    grid = np.array([[np.median(abs(tile - np.median(tile))) for tile in row] for row in rows])
    places = [
        np.clip((np.arange(length) + 0.5) * count / length - 0.5, 0, count - 1)
        for length, count in zip(high.shape, tiles, strict=True)
    ]
    between = map_coordinates(grid, np.meshgrid(*places, indexing="ij"), order=1, mode="nearest")
    return np.asarray(1.4826 * between)

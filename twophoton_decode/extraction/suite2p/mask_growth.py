"""How suite2p grows the masks of ROIs, without its loops over pixels.

suite2p 1.1 (``detection/sparsedetect.py``) finds unique pixels by sorting pairs of
coordinates, and sums weights one by one in Python; that is most of its time for a field of
view with hundreds of ROIs. Here a pixel is one whole number, and numpy sums. Every result is
suite2p's to the bit, order and number type included, so that its ROIs stay what they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.integer]
Weights = NDArray[np.floating]

# In the order in which suite2p sums: it decides the last bit.
_CROSS = np.array([(0, 0), (0, 1), (0, -1), (-1, 0), (1, 0)])
_SQUARE = np.array([*_CROSS[:4], (-1, 1), (-1, -1), *_CROSS[4:], (1, 1), (1, -1)])


def extend_roi(
    y: Pixels, x: Pixels, rows: int, columns: int, niter: int = 1
) -> tuple[Pixels, Pixels]:
    """Pixels with those beside, above and below them, `niter` times; sorted, in the frame."""
    for _ in range(niter):
        pixel = np.unique(_neighbours(y, x, _CROSS, columns))
        y, x, inside = _places(pixel, rows, columns, y.dtype)
        y, x = y[inside], x[inside]
    return y, x


def extend_mask(
    y: Pixels, x: Pixels, weight: Weights, rows: int, columns: int
) -> tuple[Pixels, Pixels, Weights]:
    """A mask whose pixels give a third of their weight to themselves and each of 8 neighbours."""
    pixel, place = np.unique(_neighbours(y, x, _SQUARE, columns), return_inverse=True)
    weight = _summed(place, np.tile(weight / 3, len(_SQUARE)), len(pixel))
    y, x, inside = _places(pixel, rows, columns, y.dtype)
    return y[inside], x[inside], weight[inside]


def multiscale_mask(
    y: Pixels, x: Pixels, weight: Weights, rows: Sequence[int], columns: Sequence[int]
) -> tuple[list[Pixels], list[Pixels], list[Weights]]:
    """The mask in frames of `rows` and `columns`, each half as wide as the one before; extended.

    Returns
    -------
    y, x, weight : list of (pixels,)
        One of each per scale.
    """
    scales = [(y, x, weight)]
    for width in columns[1:]:
        pixel, place = np.unique(x // 2 + y // 2 * width, return_inverse=True)
        weight = _summed(place, weight / 2, len(pixel))
        y, x = (each.astype(np.int32) for each in np.divmod(pixel, width))
        scales.append((y, x, weight))
    sizes = zip(scales, rows, columns, strict=True)
    extended = [extend_mask(*scale, *size) for scale, *size in sizes]
    ys, xs, weights = zip(*extended, strict=True)
    return list(ys), list(xs), list(weights)


def _neighbours(y: Pixels, x: Pixels, steps: NDArray[np.integer], columns: int) -> Pixels:
    """All pixels that are `steps` away, as numbers in a frame with a margin of one pixel."""
    dy, dx = steps.T[:, :, None]
    return ((y + dy + 1) * (columns + 2) + (x + dx + 1)).ravel()


def _summed(place: Pixels, weight: Weights, count: int) -> Weights:
    """Weights that fall to the same place, added up in their order."""
    return np.bincount(place, weight, count).astype(np.float64, copy=False)


def _places(
    pixel: Pixels, rows: int, columns: int, kind: np.dtype
) -> tuple[Pixels, Pixels, NDArray[np.bool_]]:
    """Coordinates of numbered pixels, and which lie in the frame."""
    y, x = (each.astype(kind) - 1 for each in np.divmod(pixel, columns + 2))
    return y, x, (y >= 0) & (y < rows) & (x >= 0) & (x < columns)

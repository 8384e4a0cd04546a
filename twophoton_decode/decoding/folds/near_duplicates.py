"""Pictures that show nearly the same: shifted by little, in another contrast, or noisy copies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

NEAR_DUPLICATE = 0.95
"""Correlation over pixels above which two pictures show nearly the same."""
SIDE_PX = 32
"""Larger pictures are compared at about this side, averaged."""
BLUR = 0.05
"""SD of the blur before pictures are compared, as a share of their side: so copies shifted by
half a pixel and noisy ones still correlate."""
SHIFT = 0.08
"""Largest shift that is tried in each direction, as a share of the side."""
LEAST_LEFT = 0.5
"""A part's norm counts as at least this share of the whole picture's: what is left of a picture
when a shift pushes its object out must not decide."""
SMALLEST_PX = 8
"""Pictures of a smaller side have too few pixels to be alike by more than chance."""
PICTURES_AT_ONCE = 512
TINY = 1e-300


def alike(pictures: np.ndarray, others: np.ndarray, above: float) -> np.ndarray:
    """Pairs of pictures that show nearly the same [ours].

    The largest Pearson correlation over the common part of two pictures, one shifted against
    the other by whole pixels, up to 8 % of the side, at least one, each way. Both are
    averaged to about 32 px and blurred by a 20th of their side, and what they have of the mean
    picture, such as a common aperture, is regressed out first. So neither contrast nor
    luminance counts. Uniform pictures, and those below 8 px, are like no other.

    Parameters
    ----------
    pictures, others : ndarray, shapes (n, y, x) and (m, y, x)
    above : float
        Correlation above which a pair counts; 1 for none.

    Returns
    -------
    ndarray of int, shape (pairs, 2)
        Index in `pictures` and in `others`.
    """
    if above >= 1 or min(pictures.shape[1:]) < SMALLEST_PX:
        return np.empty((0, 2), dtype=np.int64)
    common = _small(np.concatenate([pictures, others])).mean(axis=0)
    a, b = (_scaled(_small(each), common) for each in (pictures, others))
    found = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, len(a), PICTURES_AT_ONCE):
        block = _best(a[start : start + PICTURES_AT_ONCE], b, common)
        found.append(np.argwhere(block > above) + np.array([start, 0]))
    return np.concatenate(found)


def alike_among(pictures: np.ndarray, above: float) -> np.ndarray:
    """`alike` pairs within one set of pictures, each pair once, the smaller index first."""
    if above >= 1 or min(pictures.shape[1:]) < SMALLEST_PX:
        return np.empty((0, 2), dtype=np.int64)
    small, found = _small(pictures), [np.empty((0, 2), dtype=np.int64)]
    common = small.mean(axis=0)
    scaled = _scaled(small, common)
    for start in range(0, len(scaled), PICTURES_AT_ONCE):
        # Shifts to all sides are tried, so that later pictures need not look back.
        block = _best(scaled[start : start + PICTURES_AT_ONCE], scaled[start:], common)
        found.append(np.argwhere(np.triu(block > above, k=1)) + start)
    return np.concatenate(found)


def largest_shift(shape: tuple[int, ...]) -> int:
    """The largest shift tried for pictures of this shape as they are compared, px."""
    return max(1, int(SHIFT * min(shape)))


def _small(pictures: np.ndarray) -> np.ndarray:
    """Pictures averaged to about 32 px and blurred, without their border, (n, y, x)."""
    factor = -(-min(pictures.shape[1:]) // SIDE_PX)
    height, width = (side // factor * factor for side in pictures.shape[1:])
    parts = (len(pictures), height // factor, factor, width // factor, factor)
    small = np.asarray(pictures[:, :height, :width], float).reshape(parts).mean(axis=(2, 4))
    sd = BLUR * min(small.shape[1:])
    blurred: np.ndarray = ndimage.gaussian_filter(small, (0, sd, sd), mode="nearest")
    # At the border the blur lacks what a shifted copy still shows.
    edge = round(sd)
    return blurred[:, edge : blurred.shape[1] - edge, edge : blurred.shape[2] - edge]


def _scaled(small: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Pictures about their mean, so that what they do not share with `common` has norm 1."""
    rows = small.reshape(len(small), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    own = _without(rows, common.reshape(1, -1))
    norm, size = (np.linalg.norm(each, axis=1) for each in (own, small.reshape(len(small), -1)))
    scale = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 1e-9 * size)
    return (rows * scale[:, None]).astype(np.float32).reshape(small.shape)


def _without(rows: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Rows (n, pixels) less their mean and what they have of the rows `shared`."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    shared = shared - shared.mean(axis=1, keepdims=True)
    _, size, axes = np.linalg.svd(shared, full_matrices=False)
    axes = axes[size > 1e-6 * max(size[0], TINY)].astype(rows.dtype)
    without: np.ndarray = rows - (rows @ axes.T) @ axes
    return without


def _best(a: np.ndarray, b: np.ndarray, common: np.ndarray) -> np.ndarray:
    """Largest correlation over shifts of every a (n, y, x) with every b (m, y, x), (n, m)."""
    best = np.zeros((len(a), len(b)), dtype=np.float32)
    for here, there in _common_parts(a.shape[1:]):
        # Where the common picture lies in either of them; equal without a shift.
        shared = np.stack([common[here].ravel(), common[there].ravel()])
        parts = (each[:, part[0], part[1]] for each, part in ((a, here), (b, there)))
        first, second = (_unit(each.reshape(len(each), -1), shared) for each in parts)
        np.maximum(best, first @ second.T, out=best)
    return best


def _common_parts(
    shape: tuple[int, ...],
) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice]]]:
    """Which pixels of two pictures lie over each other, for every shift of one of them."""
    reach = range(-largest_shift(shape), largest_shift(shape) + 1)
    cuts = [[_cut(side, by) for by in reach] for side in shape]
    for rows in cuts[0]:
        for columns in cuts[1]:
            yield (rows[0], columns[0]), (rows[1], columns[1])


def _cut(side: int, by: int) -> tuple[slice, slice]:
    """Places along an axis that a shift lays over each other."""
    return slice(max(by, 0), side + min(by, 0)), slice(max(-by, 0), side + min(-by, 0))


def _unit(rows: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Rows without what is `shared`, at unit norm, or below where a shift leaves little."""
    own = _without(rows, shared)
    norm = np.linalg.norm(own, axis=1, keepdims=True)
    unit: np.ndarray = own / np.maximum(norm, LEAST_LEFT)
    return unit

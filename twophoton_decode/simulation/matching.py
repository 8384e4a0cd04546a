"""Which detected ROI is which simulated cell."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array


def match_rois(
    true: tuple[np.ndarray, np.ndarray, np.ndarray],
    found: tuple[np.ndarray, np.ndarray, np.ndarray],
    shape: tuple[int, int],
    *,
    smallest_iou: float = 0.5,
) -> np.ndarray:
    """Match each true mask with at most one ROI, and each ROI with at most one mask.

    The pairing maximises the summed intersection over union (IoU); pairs that do not
    exceed `smallest_iou` are no match.

    Parameters
    ----------
    true, found : (offset, y, x)
        Ragged pixels: item k has the entries offset[k]:offset[k+1] of y and x.
    shape : (int, int)
        Height and width of the field of view, px.
    smallest_iou : float

    Returns
    -------
    ndarray of int, shape (true masks,)
        The ROI of each mask; -1 where there is none.
    """
    overlap = intersection_over_union(true, found, shape)
    overlap[overlap <= smallest_iou] = 0
    mask, roi = linear_sum_assignment(overlap, maximize=True)
    match = np.full(len(overlap), -1)
    real = overlap[mask, roi] > 0
    match[mask[real]] = roi[real]
    return match


def intersection_over_union(
    first: tuple[np.ndarray, np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray, np.ndarray],
    shape: tuple[int, int],
) -> np.ndarray:
    """IoU of every pair of masks, shape (first masks, second masks)."""
    one, two = _indicator(first, shape), _indicator(second, shape)
    shared = (one @ two.T).toarray()
    union = one.sum(1)[:, None] + two.sum(1)[None, :] - shared
    return shared / np.maximum(union, 1)


def _indicator(
    ragged: tuple[np.ndarray, np.ndarray, np.ndarray], shape: tuple[int, int]
) -> csr_array:
    """Masks as sparse rows of ones."""
    offset, y, x = ragged
    size = (len(offset) - 1, shape[0] * shape[1])
    return csr_array((np.ones(len(y)), y * shape[1] + x, offset), shape=size)

"""What leaks into responses from before: the preceding image, and time in the session."""

from __future__ import annotations

import math

import numpy as np

from twophoton_decode.responses.image_groups import ImageGroups


def carry_over(response: np.ndarray, image: np.ndarray, previous: np.ndarray) -> float:
    """How much a response depends on the image before it [ours].

    Pearson correlation, over all presentations and cells, of the response minus the cell's
    mean response to its image with the cell's mean response to the preceding image minus
    the cell's mean over images. Calcium that still decays during the baseline makes it
    negative: then the baseline window is too early or the pause too short.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    previous : ndarray of int, shape (presentation,)
        Index of the image shown before it, -1 where there is none.

    Returns
    -------
    float
        NaN with one repeat only, or where nothing varies.
    """
    residual, tuning = _residual_and_tuning(response, image)
    known = np.isin(previous, image)
    row_of_image = np.searchsorted(np.unique(image), previous[known])
    before = (tuning - tuning.mean(axis=0))[row_of_image]
    return _correlation(residual[known], before)


def drift(response: np.ndarray, image: np.ndarray, onset_s: np.ndarray) -> float:
    """How much the population's responses rise or fall over the session [ours].

    Pearson correlation with the onset of the response minus the cell's mean response to
    the image, averaged over cells.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    onset_s : ndarray, shape (presentation,), s

    Returns
    -------
    float
        NaN with one repeat only.
    """
    residual, _ = _residual_and_tuning(response, image)
    # Onsets too are compared within an image, which is what repeats make comparable.
    onset, _ = _residual_and_tuning(onset_s[:, None], image)
    return _correlation(residual.mean(axis=1), onset[:, 0])


def _residual_and_tuning(response: np.ndarray, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Responses minus their image's mean (presentation, cell), and the means (image, cell)."""
    groups = ImageGroups.of(image)
    ordered = response[groups.order]
    residual = np.empty_like(ordered)
    residual[groups.order] = groups.deviations(ordered)
    return residual, groups.means(ordered)


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson correlation of two arrays of one shape, over all elements."""
    if not a.size:
        return math.nan
    a, b = a - a.mean(), b - b.mean()
    norm = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / norm) if norm > 0 else math.nan

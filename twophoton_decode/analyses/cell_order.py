"""The order in which cells enter a reconstruction: responsive first, strongest first."""

from __future__ import annotations

import numpy as np


def strongest_first(strength: np.ndarray, responsive: np.ndarray) -> np.ndarray:
    """Cells of each presentation, responsive ones first, by falling strength within both.

    [paper: responsive first; strength order ours]. Equal strengths keep the order of the
    cells, so that the result does not depend on chance.

    Parameters
    ----------
    strength, responsive : ndarray, shape (presentations, cells)
        The response that ranks a cell, and whether the cell is in the responsive set.

    Returns
    -------
    ndarray of int, shape (presentations, cells)
        Indices of cells, a permutation in each row.
    """
    return np.lexsort((-strength, ~responsive), axis=-1)


def mean_of_other_trials(response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Mean response to the same image in all presentations but this one.

    Parameters
    ----------
    response : ndarray, shape (presentations, cells)
    image : ndarray of int, shape (presentations,)

    Returns
    -------
    ndarray, shape (presentations, cells)
        NaN where the image was presented once only.
    """
    images = int(image.max()) + 1 if len(image) else 0
    total = np.zeros((images, response.shape[1]))
    np.add.at(total, image, response)
    others = np.bincount(image, minlength=images)[image, None] - 1
    with np.errstate(invalid="ignore"):
        mean = (total[image] - response) / np.maximum(others, 1)
    return np.where(others > 0, mean, np.nan)

"""The order in which cells enter a reconstruction: responsive first, strongest first."""

from __future__ import annotations

from typing import Final

import numpy as np

ORDER: Final = "responsive first, strongest first"
"""The order of `strongest_first`, in words; not the order of strength alone."""


def order_in_words(some_responsive: bool) -> str:
    """`ORDER`, or what is left of it where no cell is known to respond."""
    return ORDER if some_responsive else "strongest first"


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
    ranked = falling(strength)
    first = np.take_along_axis(responsive, ranked, axis=1)
    front = np.arange(ranked.shape[1]) < first.sum(axis=1)[:, None]
    order = np.empty_like(ranked)
    order[front], order[~front] = ranked[first], ranked[~first]
    return order


def largest_contribution_first(amplitude: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Cells of each presentation by how much |a_k| ‖w_k‖ they add to the picture [ours].

    What a decoder could know as well: it looks at the cell's response and reverse filter,
    not at the image. Responsive cells have no precedence.

    Parameters
    ----------
    amplitude : ndarray, shape (presentations, cells)
        What each cell's reverse filter is multiplied by, a.
    size : ndarray, shape (cells,)
        Norm of each reverse filter, ‖w‖.
    """
    return falling(np.abs(amplitude) * size)


def falling(strength: np.ndarray) -> np.ndarray:
    """Indices by falling strength, equal ones in the order of the cells."""
    order = np.argsort(-strength, axis=1)
    ranked = np.take_along_axis(strength, order, axis=1)
    # The fast sort is not stable, which matters only where strengths are equal, or NaN.
    tied = ~(ranked[:, 1:] < ranked[:, :-1]).all(axis=1)
    if tied.any():
        order[tied] = np.argsort(-strength[tied], axis=1, kind="stable")
    return order


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

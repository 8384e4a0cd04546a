"""How few cells respond to an image, and to how few images a cell responds."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.responses.incomplete import mean_known, mean_of_known
from twophoton_decode.responses.statistics.reliability import random_place
from twophoton_decode.statistics.image_groups import ImageGroups

DRAWS = 5
"""Choices of the presentations that are averaged."""


def population_sparseness(rates: np.ndarray) -> np.ndarray:
    """Sparseness of the population response to each image [field].

    (1 - mean(r)² / mean(r²)) / (1 - 1/n) over n cells, after Vinje & Gallant (2000): 0 when
    all cells respond alike, 1 when a single cell does. It falls with the number of repeats
    averaged, so compare recordings at equal repeats only.

    Parameters
    ----------
    rates : ndarray, shape (cells, images)
        Trial-averaged responses; negative values count as zero, and NaN are left out.

    Returns
    -------
    ndarray, shape (images,), dimensionless
        NaN where no cell responds, or with a single cell.
    """
    known = np.isfinite(rates)
    r = np.where(known, np.maximum(rates, 0.0), 0.0)
    n = np.where(known.sum(axis=0) < 2, np.nan, known.sum(axis=0))
    mean, power = r.sum(axis=0) / n, (r**2).sum(axis=0) / n
    return (1 - mean**2 / np.where(power > 0, power, np.nan)) / (1 - 1 / n)


def lifetime_sparseness(rates: np.ndarray) -> np.ndarray:
    """Sparseness of each cell's responses over images [field].

    The formula of `population_sparseness` with images in the place of cells: 0 when all
    images drive the cell alike, 1 when a single image does.

    Parameters
    ----------
    rates : ndarray, shape (cells, images)
        Trial-averaged responses; negative values count as zero.

    Returns
    -------
    ndarray, shape (cells,), dimensionless
        NaN where the cell never responds, or with a single image.
    """
    return population_sparseness(rates.T)


def sparseness_by_repeats(
    response: np.ndarray, image: np.ndarray, rng: np.random.Generator
) -> dict[str, Any]:
    """Population sparseness of averages over 1, 2, 4 … T presentations [ours].

    As `PopulationStatistics` names it.
    T is the median number of repeats, and the images with at least T of them stand for all,
    so that every point has the same images. Presentations are drawn without replacement,
    five times. The baseline deals all presentations to images at random first: averages of
    a population that ignores the image lose their sparseness as well.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        NaN are left out of the averages.
    image : ndarray of int, shape (presentation,)
        Index of the image shown.
    """
    repeats = np.bincount(image)
    most = int(np.median(repeats[repeats > 0]))
    counts = np.unique([*2 ** np.arange(int(np.log2(most)) + 1), most])
    own, shuffled = np.zeros((2, counts.size, DRAWS, (repeats >= most).sum()))
    for draw in range(DRAWS):
        dealt = rng.permutation(image)
        for place, count in enumerate(counts):
            own[place, draw] = _sparseness_of(response, image, most, count, rng)
            shuffled[place, draw] = _sparseness_of(response, dealt, most, count, rng)
    by_image = own.mean(axis=1)
    return {
        "repeats_averaged": counts,
        "sparseness_of_averages": mean_known(by_image, axis=1),
        "sparseness_of_averages_error": _standard_error(by_image),
        "sparseness_of_shuffled": mean_known(shuffled.mean(axis=1), axis=1),
    }


def _sparseness_of(
    response: np.ndarray, image: np.ndarray, least: int, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Sparseness of each image's average over `count` presentations drawn at random."""
    enough = np.flatnonzero(np.bincount(image)[image] >= least)
    groups = ImageGroups.of(image[enough])
    drawn = enough[groups.order[random_place(groups, rng) < count]]
    return population_sparseness(mean_of_known(response[drawn], np.arange(0, drawn.size, count)).T)


def _standard_error(rows: np.ndarray) -> np.ndarray:
    known = np.isfinite(rows).sum(axis=1)
    off = np.nan_to_num(rows - mean_known(rows, axis=1)[:, None])
    squares = (off**2).sum(axis=1)
    variance = np.divide(
        squares, (known - 1) * known, out=np.full(len(rows), np.nan), where=known > 1
    )
    return np.asarray(np.sqrt(variance))

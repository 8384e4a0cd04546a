"""How few cells respond to an image, and to how few images a cell responds."""

from __future__ import annotations

import numpy as np


def population_sparseness(rates: np.ndarray) -> np.ndarray:
    """Sparseness of the population response to each image [field].

    (1 - mean(r)² / mean(r²)) / (1 - 1/n) over n cells, after Vinje & Gallant (2000): 0 when
    all cells respond alike, 1 when a single cell does. It falls with the number of repeats
    averaged, so compare recordings at equal repeats only.

    Parameters
    ----------
    rates : ndarray, shape (cells, images)
        Trial-averaged responses; negative values count as zero.

    Returns
    -------
    ndarray, shape (images,), dimensionless
        NaN where no cell responds, or with a single cell.
    """
    r = np.maximum(rates, 0.0)
    n = r.shape[0]
    if n < 2:
        return np.full(r.shape[1], np.nan)
    power = (r**2).mean(axis=0)
    with np.errstate(invalid="ignore"):
        return (1 - r.mean(axis=0) ** 2 / np.where(power > 0, power, np.nan)) / (1 - 1 / n)


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

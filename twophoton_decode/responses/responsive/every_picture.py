"""Cells that answer pictures in general: the default test holds them against themselves."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr

from twophoton_decode.statistics.permutation import discovery_cut

LEAST_NOISE_SD = 0.25
"""A mean below so much of the SD over presentations hardly moves the null [ours]."""


def answers_every_picture(
    response: np.ndarray, image: np.ndarray, pairs: np.ndarray, rate: float
) -> np.ndarray:
    """Cells whose other presentations lie above the baseline too, shape (cell,) [ours].

    One-sided t-test of the mean over all presentations of images that the cell is *not* found
    to respond to, Benjamini-Hochberg over cells at `rate`, and that mean above a quarter of
    the presentations' SD. Over all presentations a few strong responses would do.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        Differences to a baseline; NaN where a cell misses a presentation.
    image : ndarray of int, shape (presentation,)
    pairs : ndarray of bool, shape (cell, image)
        The responses that were found.
    rate : float
        False discovery rate.
    """
    others = np.where(pairs.T[image], np.nan, response)
    count = np.isfinite(others).sum(axis=0)
    values = np.nan_to_num(others)
    mean = values.sum(axis=0) / np.maximum(count, 1)
    square = np.where(np.isfinite(others), (values - mean) ** 2, 0.0).sum(axis=0)
    spread = np.sqrt(square / np.maximum(count - 1, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        p = stdtr(count - 1, -mean / (spread / np.sqrt(count)))
    p = np.where((count > 1) & (spread > 0), p, np.nan)
    return np.asarray((p <= discovery_cut(p, rate)) & (mean > LEAST_NOISE_SD * spread))

"""Which cells can be shown to carry the picture, and between which limits their number lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from twophoton_decode.analyses.cell_count.encoders import FEWEST_IMAGES, Predictions
from twophoton_decode.records import Responses
from twophoton_decode.responses.incomplete import per_cell
from twophoton_decode.statistics.by_image import sums_by_image
from twophoton_decode.statistics.permutation import discovery_cut

RATE = 0.05
"""False discovery rate, of reliable and of informative cells."""
PERMUTATIONS = 300
LEVELS = (0.001, 0.003, 0.01, 0.03, 0.1)
"""p below which cells are counted for the lower limit; the limit pays for choosing the best."""
CONFIDENCE_ERROR = 0.025
NULL_ABOVE = 0.2
"""Cells that carry nothing have p above this in 80 % of the cases."""
NORMAL_95 = 1.96
NEAR = 1000
"""p within this factor below the cut are near it."""
MOST_UNCERTAIN = 2
"""A number is told where the upper limit is at most so many times the lower one."""
MOST_MISSED = 1.5
"""And where at most so many times the cells found reliable may be so."""


@dataclass(frozen=True)
class InformativeCells:
    """Cells that can be shown to carry the picture.

    Attributes
    ----------
    r, p : ndarray, shape (cells,)
        How well the other pictures predict the cell's response, and p of it.
    reliable, informative : ndarray of bool, shape (cells,)
    low, high : float
        95 % interval of the number of cells that carry the picture.
    most_reliable : int
        How many cells may be reliable, those that were missed among them.
    """

    r: np.ndarray
    p: np.ndarray
    reliable: np.ndarray
    informative: np.ndarray
    low: float
    high: float
    most_reliable: int

    @property
    def count(self) -> float:
        """K, the number of informative cells."""
        return float(np.count_nonzero(self.informative))

    @property
    def told(self) -> bool:
        """Whether the limits exclude zero and are near enough to each other for a number.

        Not where many cells may be reliable beyond those found: the upper limit rests on them.
        """
        missed = self.most_reliable > MOST_MISSED * np.count_nonzero(self.reliable)
        return bool(self.low >= 1 and self.high <= MOST_UNCERTAIN * self.low and not missed)


def informative_cells(responses: Responses, content: np.ndarray, seed: int) -> InformativeCells:
    """Cells whose responses the pictures predict, among those that respond reliably [ours].

    Every cell's mean responses are predicted from the pictures by `leave_one_out_predictors`;
    r is that of the best. The null exchanges images, in one way for all cells, so that noise
    that cells share stays shared; the best is chosen anew, and p is pooled over cells.
    Informative are those that pass Benjamini-Hochberg at 5 % among the cells whose responses
    differ between images (one-way ANOVA, likewise at 5 %). With one repeat of each image
    reliability is unknown, and every cell is tested. Responses that were filled in do not
    count, unless a cell has no other to a picture.

    The lower limit counts the cells below several p, less what permutations reach in 2.5 %
    of the cases; the upper one is the number of cells that can be reliable. Cells that carry
    the picture, but too little of it to be predicted, are not to be told from others.

    Parameters
    ----------
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same and count as one.

    Returns
    -------
    InformativeCells
        Nothing is informative, and every number fits, with fewer than four different images.
    """
    group = np.unique(content, return_inverse=True)[1]
    first = np.unique(content, return_index=True)[1]
    unit = group[responses.image]
    if len(first) < FEWEST_IMAGES:
        return _nothing(responses.cells)
    mean = _means(responses, unit)
    predictions = Predictions(responses.picture[first].astype(float), mean)
    rng = np.random.default_rng([seed, 5])
    null = np.array([predictions.best_r(rng.permutation(len(first))) for _ in range(PERMUTATIONS)])
    r = predictions.best_r()
    ranked = np.sort(null, axis=None)
    p, null_p = pooled_p(r, ranked), pooled_p(null, ranked)
    measured = np.where(responses.known, responses.response, np.nan)
    differs = per_cell(reliability_p, measured, unit)
    reliable = differs <= discovery_cut(differs, RATE)
    informative = reliable & (p <= discovery_cut(np.where(reliable, p, np.nan), RATE))
    shared = shared_noise(null_p)
    low = max(beyond_chance(p, null_p, level) for level in LEVELS)
    high = possible = most_reliable(differs, shared)
    # What was found is never excluded.
    found = int(informative.sum())
    low, high = min(max(low, 0), found), max(high, found)
    return InformativeCells(r, p, reliable, informative, float(low), float(high), possible)


def _nothing(cells: int) -> InformativeCells:
    """Of too few images nothing can be told."""
    unknown, none = np.full(cells, np.nan), np.zeros(cells, bool)
    return InformativeCells(unknown, unknown, none, none, 0.0, float(cells), cells)


def _means(responses: Responses, unit: np.ndarray) -> np.ndarray:
    """Mean response to each of the images of `unit` (presentations,), (images, cells)."""
    every = sums_by_image(responses.response, unit) / np.bincount(unit)[:, None]
    if responses.filled is None:
        return every
    count = sums_by_image(responses.known.astype(float), unit)
    total = sums_by_image(np.where(responses.known, responses.response, 0.0), unit)
    return np.where(count > 0, total / np.maximum(count, 1), every)


def pooled_p(values: np.ndarray, ranked: np.ndarray) -> np.ndarray:
    """(1 + null values at least as large) / (1 + their number), nulls of all cells together.

    Parameters
    ----------
    ranked : ndarray, shape (nulls,)
        Rising.
    """
    reached = ranked.size - np.searchsorted(ranked, values, side="left")
    return np.asarray((1 + reached) / (1 + ranked.size))


def reliability_p(response: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """p of each cell's responses differing between images by no more than between trials.

    One-way analysis of variance [field]. 0 for every cell where no image was repeated:
    reliability is unknown then, and no cell is left out for it.

    Parameters
    ----------
    response : ndarray, shape (presentations, cells)
    unit : ndarray of int, shape (presentations,)
        The image, any numbers.
    """
    unit = np.unique(unit, return_inverse=True)[1]
    count = np.bincount(unit)
    images, repeated = len(count), len(unit) - len(count)
    if repeated < 1 or images < 2:
        return np.zeros(response.shape[1])
    mean = sums_by_image(response, unit) / count[:, None]
    within = ((response - mean[unit]) ** 2).sum(axis=0) / repeated
    between = (count[:, None] * (mean - response.mean(axis=0)) ** 2).sum(axis=0) / (images - 1)
    # A cell without noise between trials is reliable if it tells any images apart.
    ratio = np.divide(between, within, out=np.where(between > 0, np.inf, 0.0), where=within > 0)
    return np.asarray(stats.f.sf(ratio, images - 1, repeated))


def shared_noise(null_p: np.ndarray) -> float:
    """Variance of #{p > 0.2} over permutations by that of independent cells, at least 1."""
    independent = NULL_ABOVE * (1 - NULL_ABOVE) * null_p.shape[1]
    return max(1.0, float((null_p > NULL_ABOVE).sum(axis=1).var()) / independent)


def beyond_chance(p: np.ndarray, null_p: np.ndarray, level: float) -> int:
    """Cells below `level`, less what permutations reach with 1 − 0.025 / (number of levels)."""
    by_chance = np.quantile(
        (null_p <= level).sum(axis=1), 1 - CONFIDENCE_ERROR / len(LEVELS), method="higher"
    )
    return int((p <= level).sum() - by_chance)


def fewest_nulls(p: np.ndarray, shared: float) -> int:
    """Fewest cells without an effect for which so many large p are not too many.

    The smallest n with 0.8 n + 1.96 √(0.16 D n) + ½ ≥ #{p > 0.2}.

    Parameters
    ----------
    shared : float
        D, of `shared_noise`.
    """
    above = int((p > NULL_ABOVE).sum())
    n = np.arange(len(p) + 1)
    spread = np.sqrt(NULL_ABOVE * (1 - NULL_ABOVE) * shared * n)
    enough = (1 - NULL_ABOVE) * n + NORMAL_95 * spread + 0.5 >= above
    return int(np.argmax(enough)) if enough.any() else len(p)


def most_reliable(p: np.ndarray, shared: float) -> int:
    """Upper limit of the number of reliable cells.

    Those found are nearly all where their p lie far below the cut of the false discovery
    rate. As many as lie within a factor of 1000 of it may lie on its other side. Where more
    of the cells that were not found have p below 0.2 than chance makes, `fewest_nulls` is
    the limit.

    Parameters
    ----------
    p : ndarray, shape (cells,)
        Of `reliability_p`.
    shared : float
        D, of `shared_noise`.
    """
    cut = discovery_cut(p, RATE)
    found = p <= cut
    others = int((~found).sum())
    beyond = int((p[~found] <= NULL_ABOVE).sum()) - NULL_ABOVE * others
    if beyond > NORMAL_95 * np.sqrt(NULL_ABOVE * (1 - NULL_ABOVE) * shared * others):
        return len(p) - fewest_nulls(p, shared)
    return min(int(found.sum() + (p[found] > cut / NEAR).sum()), len(p))

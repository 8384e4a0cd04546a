"""Which cells can be shown to carry the picture, and between which limits their number lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from twophoton_decode.analyses.cell_count.encoders import FEWEST_IMAGES, Predictions
from twophoton_decode.records import Responses
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
MOST_UNCERTAIN = 2
"""The number is told where the upper limit is at most so many times the lower one."""


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
    """

    r: np.ndarray
    p: np.ndarray
    reliable: np.ndarray
    informative: np.ndarray
    low: float
    high: float

    @property
    def count(self) -> float:
        """K, the number of informative cells."""
        return float(np.count_nonzero(self.informative))

    @property
    def told(self) -> bool:
        """Whether the limits are near enough to each other to speak of a number."""
        return self.high <= MOST_UNCERTAIN * max(self.low, 1.0)


def informative_cells(responses: Responses, content: np.ndarray, seed: int) -> InformativeCells:
    """Cells whose responses the pictures predict, among those that respond reliably [ours].

    Every cell's mean responses are predicted from the pictures by `leave_one_out_predictors`;
    r is that of the best. The null exchanges images, in one way for all cells, so that noise
    that cells share stays shared; the best is chosen anew, and p is pooled over cells.
    Informative are those that pass Benjamini-Hochberg at 5 % among the cells whose responses
    differ between images (one-way ANOVA, likewise at 5 %). With one repeat of each image
    reliability is unknown, and every cell is tested.

    The lower limit counts the cells below several p, less what permutations reach in 2.5 %
    of the cases; the upper one takes off as many cells as must be null for so many p to be
    large, and is not above the number of reliable cells.

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
    reliable = reliable_cells(responses.response, unit)
    if len(first) < FEWEST_IMAGES:
        nothing = np.zeros(responses.cells, bool)
        unknown = np.full(responses.cells, np.nan)
        return InformativeCells(unknown, unknown, reliable, nothing, 0.0, float(responses.cells))
    mean = sums_by_image(responses.response, unit) / np.bincount(unit)[:, None]
    predictions = Predictions(responses.picture[first].astype(float), mean)
    rng = np.random.default_rng([seed, 5])
    null = np.array([predictions.best_r(rng.permutation(len(first))) for _ in range(PERMUTATIONS)])
    r = predictions.best_r()
    ranked = np.sort(null, axis=None)
    p, null_p = pooled_p(r, ranked), pooled_p(null, ranked)
    among = np.where(reliable, p, np.nan)
    informative = reliable & (p <= discovery_cut(among, RATE))
    low, high = limits(p, null_p, int(reliable.sum()), int(informative.sum()))
    return InformativeCells(r, p, reliable, informative, low, high)


def pooled_p(values: np.ndarray, ranked: np.ndarray) -> np.ndarray:
    """(1 + null values at least as large) / (1 + their number), nulls of all cells together.

    Parameters
    ----------
    ranked : ndarray, shape (nulls,)
        Rising.
    """
    reached = ranked.size - np.searchsorted(ranked, values, side="left")
    return np.asarray((1 + reached) / (1 + ranked.size))


def reliable_cells(response: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Cells whose responses differ between images by more than between trials [field].

    One-way analysis of variance, Benjamini-Hochberg at 5 %. All cells where no image was
    repeated.

    Parameters
    ----------
    response : ndarray, shape (presentations, cells)
    unit : ndarray of int, shape (presentations,)
        The image, 0 to images − 1, all shown.
    """
    count = np.bincount(unit)
    images, repeated = len(count), len(unit) - len(count)
    if repeated < 1 or images < 2:
        return np.ones(response.shape[1], bool)
    mean = sums_by_image(response, unit) / count[:, None]
    within = ((response - mean[unit]) ** 2).sum(axis=0) / repeated
    between = (count[:, None] * (mean - response.mean(axis=0)) ** 2).sum(axis=0) / (images - 1)
    # A cell without noise between trials is reliable if it tells any images apart.
    ratio = np.divide(between, within, out=np.where(between > 0, np.inf, 0.0), where=within > 0)
    p = stats.f.sf(ratio, images - 1, repeated)
    return np.asarray(p <= discovery_cut(p, RATE))


def limits(p: np.ndarray, null_p: np.ndarray, reliable: int, found: int) -> tuple[float, float]:
    """95 % limits of the number of cells that carry the picture.

    Parameters
    ----------
    p : ndarray, shape (cells,)
    null_p : ndarray, shape (permutations, cells)
    reliable, found : int
        The upper limit is not above the first, and neither limit excludes the second.
    """
    low = max(_beyond_chance(p, null_p, level) for level in LEVELS)
    high = min(reliable, len(p) - fewest_nulls(p, null_p))
    return float(min(max(low, 0), found)), float(max(high, found))


def _beyond_chance(p: np.ndarray, null_p: np.ndarray, level: float) -> int:
    """Cells below `level`, less what permutations reach with 1 − 0.025 / (number of levels)."""
    by_chance = np.quantile(
        (null_p <= level).sum(axis=1), 1 - CONFIDENCE_ERROR / len(LEVELS), method="higher"
    )
    return int((p <= level).sum() - by_chance)


def fewest_nulls(p: np.ndarray, null_p: np.ndarray) -> int:
    """Fewest cells without information for which so many large p are not too many.

    The smallest n with 0.8 n + 1.96 √(0.16 D n) + ½ ≥ #{p > 0.2}; D, the variance of this
    number over permutations by that of independent cells, at least 1, is what shared noise
    adds.
    """
    cells = len(p)
    spread = 1 - NULL_ABOVE
    share = spread * NULL_ABOVE
    above = int((p > NULL_ABOVE).sum())
    shared = max(1.0, float((null_p > NULL_ABOVE).sum(axis=1).var()) / (share * cells))
    n = np.arange(cells + 1)
    enough = spread * n + 1.96 * np.sqrt(share * shared * n) + 0.5 >= above
    return int(np.argmax(enough)) if enough.any() else cells

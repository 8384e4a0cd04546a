"""Which cells respond to which images, and which cells to images at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import chdtrc, fdtrc
from scipy.stats import rankdata

from twophoton_decode.responses.incomplete import mean_of_known, per_cell
from twophoton_decode.responses.responsive.chosen_test import PairTest, per_block, tested_pairs
from twophoton_decode.responses.responsive.detectable import Detectable
from twophoton_decode.responses.responsive.own_null import blocks_of_cells
from twophoton_decode.settings import ResponseSettings
from twophoton_decode.statistics.image_groups import ImageGroups
from twophoton_decode.statistics.permutation import discovery_cut

# Above this share of zeros the responses are far from normal, and ranks are compared.
_ZEROS_FOR_RANKS = 0.2


@dataclass(frozen=True)
class Responsiveness:
    """The responsive sets and the test behind them.

    Attributes
    ----------
    pairs : ndarray of bool, shape (cell, image)
    pairs_others : ndarray of bool, shape (presentation, cell)
        The same for the image of each presentation, judged without that presentation.
    test : str
        What was done, or why responsiveness is undefined.
    detectable : Detectable, optional
        Of the default test.
    """

    pairs: np.ndarray
    pairs_others: np.ndarray
    test: str
    detectable: Detectable | None = None

    def of(self, cells: np.ndarray) -> Responsiveness:
        """The responsive sets among some cells."""
        could = None if self.detectable is None else self.detectable.of(cells)
        return Responsiveness(self.pairs[cells], self.pairs_others[:, cells], self.test, could)


def responsive_pairs(
    response: np.ndarray, image: np.ndarray, has_baseline: bool, settings: ResponseSettings
) -> Responsiveness:
    """Cell × image pairs with a response, at a false discovery rate over all pairs [ours].

    By default the sum over an image's repeats is held against the cell's own null, made of
    its presentations of images that it is not found to respond to (`own_null`); other tests
    are ``settings.responsive_test``. Those over repeats need a baseline: without one the
    image's ranks are compared instead, and `test` says so. A pair is responsive when its p
    passes Benjamini-Hochberg over all pairs and its mean response exceeds
    ``settings.amplitude_floor``. Without one presentation, p and mean come from the image's
    other repeats and the cut on p stays that of the full table [ours]; two other repeats are
    needed.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        NaN where a cell misses a presentation: it is judged by those that it has.
    image : ndarray of int, shape (presentation,)
        Index of the image shown; every image from 0 to the highest is shown.
    has_baseline : bool
        Responses are differences to a baseline.
    settings : ResponseSettings

    Raises
    ------
    SettingsError
        The signed-rank test with so few repeats that no p can pass.
    """
    groups = ImageGroups.of(image)
    if groups.count.max() < 2:
        return Responsiveness(
            np.zeros((response.shape[1], groups.count.size), dtype=bool),
            np.zeros(response.shape, dtype=bool),
            "undefined: every image was shown once, and a test needs repeats",
        )
    tested = tested_pairs(response, image, has_baseline, settings)
    cut = discovery_cut(tested.p, settings.false_discovery_rate)
    floor = settings.amplitude_floor
    pairs, others = (np.zeros(each.shape, dtype=bool) for each in (tested.p, tested.p_without))
    for cells in blocks_of_cells(response.shape[1]):
        mean, mean_without = _means(response[:, cells], groups)
        pairs[:, cells] = (tested.p[:, cells] <= cut) & (mean > floor)
        others[:, cells] = (tested.p_without[:, cells] <= cut) & (mean_without > floor)
    text = (
        f"{tested.name}; Benjamini-Hochberg over {np.isfinite(tested.p).sum()} cell × image "
        f"pairs at {settings.false_discovery_rate:g}; mean response above {floor:g}"
    )
    return Responsiveness(
        pairs.T,
        others,
        text,
        tested.detectable,
    )


def _means(response: np.ndarray, groups: ImageGroups) -> tuple[np.ndarray, np.ndarray]:
    """Mean response to each image, (image, cell), and without each presentation.

    Of the presentations that a cell has; NaN without any.
    """
    ordered = response[groups.order]
    known = np.isfinite(ordered)
    values = np.where(known, ordered, 0.0)
    total, count = groups.sums(values), groups.sums(known.astype(np.int64))
    others = count[groups.of_row] - known
    rest = total[groups.of_row] - values
    without = np.empty(response.shape)
    without[groups.order] = np.divide(
        rest, others, out=np.full(rest.shape, np.nan), where=others > 0
    )
    return mean_of_known(ordered, groups.start), without


@dataclass(frozen=True)
class VisualResponsiveness:
    """Which cells' responses differ between images.

    Attributes
    ----------
    cells : ndarray of bool, shape (cell,)
    p : ndarray, shape (cell,)
        Before correction; NaN for a constant cell.
    test : str
        Name of the test, or why there is none.
    """

    cells: np.ndarray
    p: np.ndarray
    test: str


def visually_responsive(
    response: np.ndarray, image: np.ndarray, rate: float
) -> VisualResponsiveness:
    """Cells whose responses differ between images.

    Analysis of variance over images, or Kruskal-Wallis where more than 20 % of all
    responses are exactly zero [ours]; Benjamini-Hochberg over cells at `rate` [ours]. No
    cell where no image was shown twice.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        NaN where a cell misses a presentation: it is judged by those that it has.
    image : ndarray of int, shape (presentation,)
    rate : float
        False discovery rate.
    """
    groups = ImageGroups.of(image)
    if groups.count.max() < 2 or groups.count.size < 2:
        nothing = np.zeros(response.shape[1], dtype=bool)
        return VisualResponsiveness(nothing, np.full(nothing.size, np.nan), "undefined: no repeats")
    by_ranks = (response == 0).sum() > _ZEROS_FOR_RANKS * np.isfinite(response).sum()
    test = kruskal_wallis_p if by_ranks else anova_p
    p = per_cell(partial(_visual_p, test), response, image)
    name = "Kruskal-Wallis" if by_ranks else "analysis of variance"
    return VisualResponsiveness(p <= discovery_cut(p, rate), p, f"{name} over images")


def _visual_p(test: PairTest, response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """p of each cell; NaN without repeats, or with one image."""
    groups = ImageGroups.of(image)
    if groups.count.size < 2 or groups.count.max() < 2:
        return np.full(response.shape[1], np.nan)
    return per_block(lambda rows, g: test(rows, g)[None], response[groups.order], groups)[0]


def anova_p(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """p of the means of all groups being equal, per cell; NaN for a constant cell [field]."""
    between, free_between = _between(ordered, groups), groups.count.size - 1
    within, free = (groups.deviations(ordered) ** 2).sum(axis=0), len(ordered) - groups.count.size
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (between / free_between) / (within / free)
    return fdtrc(free_between, free, ratio)


def kruskal_wallis_p(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """p of the ranks of all groups being alike, per cell; NaN for a constant cell [field]."""
    rank = rankdata(ordered, axis=0)
    spread = rank.var(axis=0, ddof=1)
    h = _between(rank, groups) / np.where(spread > 0, spread, np.nan)
    return chdtrc(groups.count.size - 1, h)


def _between(ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """Sum of squares between groups, per cell."""
    offset = groups.means(ordered) - ordered.mean(axis=0)
    return (groups.count[:, None] * offset**2).sum(axis=0)

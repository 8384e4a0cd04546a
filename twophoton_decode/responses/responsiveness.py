"""Which cells respond to which images, and which cells to images at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import chdtrc, fdtrc
from scipy.stats import rankdata

from twophoton_decode.errors import SettingsError
from twophoton_decode.responses import pair_tests
from twophoton_decode.responses.image_groups import ImageGroups
from twophoton_decode.responses.incomplete import per_cell, same_presentations
from twophoton_decode.settings import ResponseSettings

# Above this share of zeros the responses are far from normal, and ranks are compared.
_ZEROS_FOR_RANKS = 0.2
_CELLS_AT_ONCE = 256

PairTest = Callable[[np.ndarray, ImageGroups], np.ndarray]
GroupTest = Callable[[np.ndarray, ImageGroups], np.ndarray]


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
    """

    pairs: np.ndarray
    pairs_others: np.ndarray
    test: str

    def of(self, cells: np.ndarray) -> Responsiveness:
        """The responsive sets among some cells."""
        return Responsiveness(self.pairs[cells], self.pairs_others[:, cells], self.test)


def responsive_pairs(
    response: np.ndarray, image: np.ndarray, has_baseline: bool, settings: ResponseSettings
) -> Responsiveness:
    """Cell × image pairs with a response, at a false discovery rate over all pairs [ours].

    With a baseline: a one-sided test over repeats that the evoked response is positive.
    Without one: the image's responses against the cell's responses to all other images,
    one-sided Mann-Whitney. A pair is responsive when its p passes Benjamini-Hochberg over
    all pairs and its mean response exceeds ``settings.amplitude_floor``. Without one
    presentation, p and mean come from the image's other repeats and the cut on p stays
    that of the full table [ours]; two other repeats are needed.

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
    if has_baseline and settings.baseline_test == "signed-rank":
        _refuse_hopeless_signed_rank(groups, settings.false_discovery_rate)
    test, test_without, name = _pair_tests(has_baseline, settings)
    judged = _judged(response, image, test, test_without)
    cut = discovery_cut(judged.p, settings.false_discovery_rate)
    floor = settings.amplitude_floor
    text = (
        f"{name}; Benjamini-Hochberg over {np.isfinite(judged.p).sum()} cell × image pairs at "
        f"{settings.false_discovery_rate:g}; mean response above {floor:g}"
    )
    return Responsiveness(
        ((judged.p <= cut) & (judged.mean > floor)).T,
        (judged.p_without <= cut) & (judged.mean_without > floor),
        text,
    )


@dataclass(frozen=True)
class _Judged:
    """p and mean response of every image (image, cell), and without each presentation.

    NaN where a cell has none of the image's presentations, or p needs more of them.
    """

    p: np.ndarray
    mean: np.ndarray
    p_without: np.ndarray
    mean_without: np.ndarray


def _judged(
    response: np.ndarray, image: np.ndarray, test: PairTest, test_without: PairTest
) -> _Judged:
    """The tests on the presentations that each cell has."""
    p, mean = np.full((2, int(image.max()) + 1, response.shape[1]), np.nan)
    p_without, mean_without = np.full((2, *response.shape), np.nan)
    for cells, rows in same_presentations(response):
        groups = ImageGroups.of(image[rows])
        if groups.count.max(initial=0) < 2:
            continue
        ordered = response[np.ix_(rows[groups.order], cells)]
        here = np.ix_(image[rows[groups.order[groups.start]]], cells)
        p[here] = _per_block(test, ordered, groups)
        mean[here] = groups.means(ordered)
        # A presentation that the cell misses is judged by all that it has.
        p_without[:, cells] = p[np.ix_(image, cells)]
        mean_without[:, cells] = mean[np.ix_(image, cells)]
        own = np.ix_(rows[groups.order], cells)
        p_without[own] = _per_block(test_without, ordered, groups)
        others = np.maximum(groups.count[groups.of_row, None] - 1, 1)
        mean_without[own] = (groups.sums(ordered)[groups.of_row] - ordered) / others
    return _Judged(p, mean, p_without, mean_without)


def discovery_cut(p: np.ndarray, rate: float) -> float:
    """The p below which Benjamini-Hochberg calls a discovery; -1 where nothing is [field].

    rate · k / m, with m defined p of which the k smallest pass: k is the largest rank whose
    p is at most rate · k / m.
    """
    ranked = np.sort(p[np.isfinite(p)])
    limit = rate * np.arange(1, ranked.size + 1) / max(ranked.size, 1)
    passing = np.flatnonzero(ranked <= limit)
    return float(limit[passing[-1]]) if passing.size else -1.0


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


def _visual_p(test: GroupTest, response: np.ndarray, image: np.ndarray) -> np.ndarray:
    """p of each cell; NaN without repeats, or with one image."""
    groups = ImageGroups.of(image)
    if groups.count.size < 2 or groups.count.max() < 2:
        return np.full(response.shape[1], np.nan)
    return _per_block(lambda rows, g: test(rows, g)[None], response[groups.order], groups)[0]


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


def _pair_tests(has_baseline: bool, settings: ResponseSettings) -> tuple[PairTest, PairTest, str]:
    """The test with all repeats, the test without one, and their name."""
    if not has_baseline:
        return (
            pair_tests.against_other_images,
            pair_tests.against_other_images_without,
            "one-sided Mann-Whitney of the image against the cell's other presentations",
        )
    signed = settings.baseline_test == "signed-rank"
    test = pair_tests.signed_rank if signed else pair_tests.t_test
    return (
        partial(pair_tests.over_repeats, test),
        partial(pair_tests.over_other_repeats, test),
        f"one-sided {'signed-rank test' if signed else 't-test'} over repeats against baseline",
    )


def _per_block(test: PairTest, ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """`test` on blocks of cells, so that its intermediate arrays stay small."""
    starts = range(0, ordered.shape[1], _CELLS_AT_ONCE)
    blocks = [test(ordered[:, start : start + _CELLS_AT_ONCE], groups) for start in starts]
    return np.concatenate(blocks, axis=1)


def _refuse_hopeless_signed_rank(groups: ImageGroups, rate: float) -> None:
    """Refuse where even the smallest possible p, 2^-T, exceeds q / I."""
    repeats, images = int(groups.count.max()), groups.count.size
    if 2.0**-repeats > rate / images:
        needed = int(np.ceil(np.log2(images / rate)))
        raise SettingsError(
            f"baseline_test = signed-rank cannot find a response with {repeats} repeats of "
            f"{images} images at a false discovery rate of {rate:g}: its smallest p is "
            f"{2.0**-repeats:.2g}. It needs {needed} repeats; use baseline_test = t-test."
        )

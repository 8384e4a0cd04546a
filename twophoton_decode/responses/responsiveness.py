"""Which cells respond to which images, and which cells to images at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.special import chdtrc, fdtrc
from scipy.stats import rankdata

from twophoton_decode.errors import SettingsError
from twophoton_decode.responses import pair_tests
from twophoton_decode.responses.image_groups import ImageGroups
from twophoton_decode.responses.responsive.discovery import discovery_cut
from twophoton_decode.responses.responsive.left_out import without_own_repeat
from twophoton_decode.responses.responsive.own_null import detectable, own_null
from twophoton_decode.responses.responsive.rank_test import rank_test
from twophoton_decode.settings import ResponseSettings

# Above this share of zeros the responses are far from normal, and ranks are compared.
_ZEROS_FOR_RANKS = 0.2
_CELLS_AT_ONCE = 256

PairTest = Callable[[np.ndarray, ImageGroups], np.ndarray]


@dataclass(frozen=True)
class Detectable:
    """What the default test could find.

    Attributes
    ----------
    response : ndarray, shape (cell,)
        The smallest mean response that could pass, unit of the responses; infinite where none
        could.
    noise_sd : ndarray, shape (cell,)
        The same in units of the cell's trial noise, above its median response.
    repeats, images, pairs : int
        Usual number of repeats, images, and pairs tested.
    widening : float
        By how much repeats of an image share noise; 1 where they do not.
    settled : bool
        Whether the choice of presentations without a response came to rest.
    """

    response: np.ndarray
    noise_sd: np.ndarray
    repeats: int
    images: int
    pairs: int
    widening: float
    settled: bool

    def of(self, cells: np.ndarray) -> Detectable:
        """What could be found of some cells."""
        return replace(self, response=self.response[cells], noise_sd=self.noise_sd[cells])


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


@dataclass(frozen=True)
class _Tested:
    """p of every pair, (group, cell), and of each presentation's image without it."""

    p: np.ndarray
    p_without: np.ndarray
    name: str
    detectable: Detectable | None = None


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
    ordered = response[groups.order]
    tested = _tested(ordered, groups, has_baseline, settings)
    cut = discovery_cut(tested.p, settings.false_discovery_rate)
    mean = groups.means(ordered)
    others = np.maximum(groups.count[groups.of_row, None] - 1, 1)
    mean_without = (groups.sums(ordered)[groups.of_row] - ordered) / others
    floor = settings.amplitude_floor
    pairs_others = np.empty(response.shape, dtype=bool)
    pairs_others[groups.order] = (tested.p_without <= cut) & (mean_without > floor)
    text = (
        f"{tested.name}; Benjamini-Hochberg over {np.isfinite(tested.p).sum()} cell × image "
        f"pairs at {settings.false_discovery_rate:g}; mean response above {floor:g}"
    )
    pairs = ((tested.p <= cut) & (mean > floor)).T
    return Responsiveness(pairs, pairs_others, text, tested.detectable)


def _tested(
    ordered: np.ndarray, groups: ImageGroups, has_baseline: bool, settings: ResponseSettings
) -> _Tested:
    """The test that the settings name, or where it needs a baseline and there is none, ranks."""
    name = settings.responsive_test
    if name == "own-null":
        return _by_own_null(ordered, groups, settings.false_discovery_rate)
    if name == "mann-whitney" or not has_baseline:
        return _by_ranks(ordered, groups, "" if name == "mann-whitney" else name)
    if name == "signed-rank":
        _refuse_hopeless_signed_rank(groups, settings.false_discovery_rate)
    test = pair_tests.signed_rank if name == "signed-rank" else pair_tests.t_test
    title = "signed-rank test" if name == "signed-rank" else "t-test"
    return _Tested(
        _per_block(partial(pair_tests.over_repeats, test), ordered, groups),
        _per_block(partial(pair_tests.over_other_repeats, test), ordered, groups),
        f"one-sided {title} over repeats against baseline",
    )


def _by_own_null(ordered: np.ndarray, groups: ImageGroups, rate: float) -> _Tested:
    found = own_null(ordered, groups, rate)
    repeats = int(np.median(groups.count[groups.count > 1]))
    response = detectable(found, rate, repeats)
    could = Detectable(
        response=response,
        noise_sd=(response - found.scores.level) / found.scores.scale,
        repeats=repeats,
        images=groups.count.size,
        pairs=int(np.isfinite(found.p).sum()),
        widening=found.widening,
        settled=found.settled,
    )
    name = "the image's repeats against the cell's presentations of images it does not respond to"
    p_without = without_own_repeat(lambda rows, g: own_null(rows, g, rate).p, ordered, groups)
    return _Tested(found.p, p_without, name, could)


def _by_ranks(ordered: np.ndarray, groups: ImageGroups, wanted: str) -> _Tested:
    """`wanted` is the test over repeats that was asked for, without a baseline; else empty."""
    name = "one-sided Mann-Whitney of the image against the cell's other presentations"
    instead = f" (the {wanted} needs a baseline, which these responses do not have)"
    return _Tested(
        _per_block(rank_test, ordered, groups),
        _per_block(partial(without_own_repeat, rank_test), ordered, groups),
        name + (instead if wanted else ""),
    )


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
    image : ndarray of int, shape (presentation,)
    rate : float
        False discovery rate.
    """
    groups = ImageGroups.of(image)
    if groups.count.max() < 2 or groups.count.size < 2:
        nothing = np.zeros(response.shape[1], dtype=bool)
        return VisualResponsiveness(nothing, np.full(nothing.size, np.nan), "undefined: no repeats")
    by_ranks = (response == 0).mean() > _ZEROS_FOR_RANKS
    test = kruskal_wallis_p if by_ranks else anova_p
    p = _per_block(lambda rows, g: test(rows, g)[None], response[groups.order], groups)[0]
    name = "Kruskal-Wallis" if by_ranks else "analysis of variance"
    return VisualResponsiveness(p <= discovery_cut(p, rate), p, f"{name} over images")


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
            f"responsive_test = signed-rank cannot find a response with {repeats} repeats of "
            f"{images} images at a false discovery rate of {rate:g}: its smallest p is "
            f"{2.0**-repeats:.2g}. It needs {needed} repeats; use responsive_test = own-null."
        )

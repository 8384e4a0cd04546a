"""The test of pairs that the settings name: p of every pair, and without each presentation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from twophoton_decode.errors import SettingsError
from twophoton_decode.responses.incomplete import same_presentations
from twophoton_decode.responses.responsive import pair_tests
from twophoton_decode.responses.responsive.detectable import Detectable
from twophoton_decode.responses.responsive.own_null import own_null
from twophoton_decode.settings import ResponseSettings
from twophoton_decode.statistics.image_groups import ImageGroups

PairTest = Callable[[np.ndarray, ImageGroups], np.ndarray]

_CELLS_AT_ONCE = 256


@dataclass(frozen=True)
class TestedPairs:
    """p of every pair, (image, cell), and of each presentation's image without it.

    NaN where p needs more presentations than the cell has. `p_without` is
    (presentation, cell), `name` what was done.
    """

    p: np.ndarray
    p_without: np.ndarray
    name: str
    detectable: Detectable | None = None


def tested_pairs(
    response: np.ndarray, image: np.ndarray, has_baseline: bool, settings: ResponseSettings
) -> TestedPairs:
    """The test of the settings, or ranks where it needs a baseline and there is none.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)
        NaN where a cell misses a presentation.
    image : ndarray of int, shape (presentation,)

    Raises
    ------
    SettingsError
        The signed-rank test with so few repeats that no p can pass.
    """
    name = settings.responsive_test
    if name == "own-null":
        return _by_own_null(response, image, settings.false_discovery_rate)
    if name == "mann-whitney" or not has_baseline:
        return _by_ranks(response, image, "" if name == "mann-whitney" else name)
    if name == "signed-rank":
        _refuse_hopeless_signed_rank(ImageGroups.of(image), settings.false_discovery_rate)
    test = pair_tests.signed_rank if name == "signed-rank" else pair_tests.t_test
    title = "signed-rank test" if name == "signed-rank" else "t-test"
    p, p_without = _on_known(
        response,
        image,
        partial(pair_tests.over_repeats, test),
        partial(pair_tests.over_other_repeats, test),
    )
    return TestedPairs(p, p_without, f"one-sided {title} over repeats against baseline")


def _by_own_null(response: np.ndarray, image: np.ndarray, rate: float) -> TestedPairs:
    groups = ImageGroups.of(image)
    ordered = response[groups.order]
    found = own_null(ordered, groups, rate)
    p, detectable = found.p, Detectable.by(found, rate)
    # The scores of all cells are as large as the responses, and made anew below.
    del found
    p_without = np.empty(response.shape)
    p_without[groups.order] = without_own_repeat(
        lambda rows, g: own_null(rows, g, rate).p, ordered, groups
    )
    name = "the image's repeats against the cell's presentations of images it does not respond to"
    return TestedPairs(p, p_without, name, detectable)


def _by_ranks(response: np.ndarray, image: np.ndarray, wanted: str) -> TestedPairs:
    """`wanted` is the test over repeats that was asked for, without a baseline; else empty."""
    name = "one-sided Mann-Whitney of the image against the cell's other presentations"
    instead = f" (the {wanted} needs a baseline, which these responses do not have)"
    p, p_without = _on_known(
        response, image, pair_tests.rank_test, partial(without_own_repeat, pair_tests.rank_test)
    )
    return TestedPairs(p, p_without, name + (instead if wanted else ""))


def without_own_repeat(test: PairTest, ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
    """p of each presentation's image without it, shape (ordered presentation, cell) [ours].

    The r-th repeats of all images are left out together and `test` is made anew, so that the
    presentation enters nothing: not its image's repeats, nor what they are compared with.
    Taking only the presentation itself off its image's sum leaks: the scored trials of falsely
    chosen pairs then lie 0.6 to 1.5 SD above zero.

    Parameters
    ----------
    test : callable
        From ordered responses and their groups to p, (group, cell).
    ordered : ndarray, shape (presentation, cell)
        Responses ordered by image.
    """
    p = np.full(ordered.shape, np.nan)
    place = np.arange(len(ordered)) - groups.start[groups.of_row]
    repeated = groups.count[groups.of_row] > 1
    for repeat in range(int(groups.count.max())):
        out = (place == repeat) & repeated
        rest = ImageGroups.of(groups.of_row[~out])
        p[out] = test(ordered[~out], rest)[groups.of_row[out]]
    return p


def _on_known(
    response: np.ndarray, image: np.ndarray, test: PairTest, test_without: PairTest
) -> tuple[np.ndarray, np.ndarray]:
    """p and p without each presentation, from the presentations that each cell has.

    A presentation that the cell misses is judged by all that it has.
    """
    p = np.full((int(image.max()) + 1, response.shape[1]), np.nan)
    p_without = np.full(response.shape, np.nan)
    for cells, rows in same_presentations(response):
        groups = ImageGroups.of(image[rows])
        if groups.count.max(initial=0) < 2:
            continue
        ordered = response[np.ix_(rows[groups.order], cells)]
        p[np.ix_(image[rows[groups.order[groups.start]]], cells)] = per_block(test, ordered, groups)
        p_without[:, cells] = p[np.ix_(image, cells)]
        p_without[np.ix_(rows[groups.order], cells)] = per_block(test_without, ordered, groups)
    return p, p_without


def per_block(test: PairTest, ordered: np.ndarray, groups: ImageGroups) -> np.ndarray:
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

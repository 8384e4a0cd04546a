"""What the test of responsive pairs found, and could have found, in words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twophoton_decode.records.responses import Responses
from twophoton_decode.responses.responsive.detectable import (
    Detectable,
    median_of_known,
    repeats_needed,
)
from twophoton_decode.responses.responsive.neighbours import NEAR_PX, BesideResponding
from twophoton_decode.responses.responsive.responsiveness import Responsiveness
from twophoton_decode.words import in_percent, true_minus

NOTABLE_WIDENING = 1.2
"""The estimate scatters about 1 where repeats are independent; below this nothing is said."""


def said_of_pairs(found: Responsiveness, unit: str, rate: float) -> Iterator[str]:
    """What was found and what could have been; of tests other than the default, if nothing was."""
    could = found.detectable
    if could is None:
        yield from _none_by_another_test(found)
        return
    usual = median_of_known(could.response)
    if found.pairs.any():
        yield _found(found, rate)
    elif np.isinf(usual):
        yield _hopeless(could, rate)
    else:
        yield "No pair of cell and image passes the test of responsive pairs."
    if np.isfinite(usual):
        yield _could_be_found(could, unit)
    elif np.isnan(usual):
        yield (
            "Repeats of an image never differ in any cell: without trial noise, no smallest "
            "detectable response is defined."
        )
    if could.widening >= NOTABLE_WIDENING:
        yield (
            f"Repeats of one image share noise (their sums spread {could.widening:.2g} times as "
            "widely as those of independent repeats; are they shown in succession?). The test "
            "of responsive pairs was widened accordingly. Responsive sets without the scored "
            "presentation still share its noise, which inflates whatever is computed from them."
        )
    if not could.settled:
        yield (
            "The set of presentations without a response had not settled after 10 rounds of the "
            "test of responsive pairs; the last round is used."
        )


def detectable_in_brief(responses: Responses) -> str:
    """What stands beside a share of responsive pairs, so that none of them explains itself.

    The response that the default test could find, or which other test was made; empty where
    responsiveness is undefined.
    """
    count = responses.repeats_per_image
    if count.max() < 2:
        return ""
    if responses.detectable_response is None:
        few = "" if responses.responsive.any() else ", which finds little with few repeats"
        return f"by {responses.responsiveness_test.split(';')[0]}{few}"
    repeats = int(np.median(count[count > 1]))
    response = median_of_known(responses.detectable_response)
    if np.isnan(response):
        return "repeats never differ, so no smallest detectable response is defined"
    if not np.isfinite(response):
        return f"with {repeats} repeats no response could pass, however large"
    return (
        f"detectable with {repeats} repeats: "
        f"{_in_unit(responses.detectable_response, responses.response_unit)} "
        f"({responses.detectable_response_sd:.2g} SD of trial noise)"
    )


def said_of_neighbours(beside: BesideResponding) -> list[str]:
    """That neuropil or overlap may have made pairs, where clearly more lie together than expected.

    Clearly: by more than two standard deviations of a Poisson count [ours].
    """
    if beside.beside <= beside.expected + 2 * beside.expected**0.5:
        return []
    return [
        f"{beside.beside} of {beside.pairs} responsive pairs lie within {NEAR_PX:g} px of another "
        f"cell that responds to the same image ({beside.expected:.0f} expected if neighbours "
        "responded independently). Neuropil or overlapping ROIs can make such pairs; repeats "
        "cannot tell."
    ]


def said_of_every_picture(cells: np.ndarray) -> list[str]:
    """How many cells answer pictures in general, (cell,); nothing where none does."""
    if not cells.any():
        return []
    return [
        f"{cells.sum()} of {cells.size} cells answer pictures in general: on average, even "
        "images without a detected response drive them above the baseline. Such cells are "
        "tested against themselves, so only responses beyond their usual one are found."
    ]


def _none_by_another_test(found: Responsiveness) -> Iterator[str]:
    if found.pairs.any() or found.test.startswith("undefined"):
        return
    yield (
        f"No pair of cell and image passes ({found.test.split(';')[0]}). With few repeats that "
        'test finds little or nothing; responsive_test = "own-null" finds more, and says how '
        "large a response it could have found."
    )


def _found(found: Responsiveness, rate: float) -> str:
    pairs, cells = found.pairs, len(found.pairs)
    return (
        f"Responsive: {pairs.sum()} of {pairs.size} pairs of cell and image "
        f"({in_percent(pairs.mean(), 1)}; false discovery rate {in_percent(rate)}), "
        f"{pairs.any(axis=1).sum()} of {cells} cells to at least one image. Each image's "
        "responses were compared with the cell's own presentations of images that it does not "
        "respond to."
    )


def _could_be_found(could: Detectable, unit: str) -> str:
    return (
        f"With {could.repeats} repeats, about one in three responses of "
        f"{median_of_known(could.noise_sd):.2g} times a cell's trial noise "
        f"({_in_unit(could.response, unit)}) is detected, and most of those two to "
        "three times as large."
    )


def _in_unit(response: np.ndarray, unit: str) -> str:
    """The median over cells. It is negative where a cell's usual response is further below 0."""
    middle = median_of_known(response)
    why = ", negative as usual responses are" if middle < 0 else ""
    return f"{true_minus(f'{middle:.2g}')} {unit}{why}"


def _hopeless(could: Detectable, rate: float) -> str:
    if not could.pairs:
        return (
            "No pair of cell and image can be called responsive: no cell has two presentations of "
            "an image."
        )
    needed = repeats_needed(could.images, could.pairs, rate)
    return (
        f"No pair of cell and image can be called responsive: with {could.repeats} repeats of "
        f"{could.images} images even the clearest response has p = "
        f"{float(could.images) ** -could.repeats:.2g}, and {could.pairs} comparisons need "
        f"{rate / could.pairs:.2g}. At least {needed} repeats are needed. The order of cells by "
        "strength does not depend on this."
    )

"""The sentence on cells, in each of its forms."""

from __future__ import annotations

import invented_recording as invented
import numpy as np
import pytest

from twophoton_decode.figures.cell_count.caption import curve_caption
from twophoton_decode.figures.cell_count.how_many_cells import how_many_cells

STRONG = (
    " In a single presentation, the 6 strongest responses give at least 95 % of R from all cells "
    "(5 to 7); about the other cells, the decoder knows only that they responded less."
)


def said(**changes):
    return how_many_cells(invented.changed_counts(invented.curves(), **changes))


def test_cells_that_carry_the_picture_and_strong_ones_that_suffice():
    expected = "15 of 90 cells can be shown to carry the picture (95 % interval 12 to 16)."
    assert said() == expected + STRONG


def test_a_picture_spread_over_most_cells():
    told = said(informative_cells=80.0, informative_cells_ci95=(73.0, 85.0))
    assert told == "The picture is spread over 80 of 90 cells (95 % interval 73 to 85)." + STRONG


def test_a_recording_that_cannot_tell():
    told = said(informative_cells_told=False, informative_cells_ci95=(5.0, 16.0))
    assert told == (
        "This recording cannot tell how many cells carry the picture (as far as it shows, 5 to 16 "
        "of 90); more images or repeats would." + STRONG
    )


@pytest.mark.parametrize(
    ("r", "ends", "expected"),
    [
        (0.24, (-0.42, 0.91), "0.24 (95 % interval −0.42 to 0.91), cannot be distinguished from"),
        (-0.1, (-0.15, -0.05), "−0.10 (95 % interval −0.15 to −0.05), is not above"),
    ],
)
def test_a_score_that_may_be_zero_leaves_the_cells_untold(r, ends, expected):
    told = said(r_all_ci95=ends, r_all=np.full(invented.IMAGES, r))
    start = "This recording cannot tell how many cells carry the picture: R from all 90 cells, "
    assert told == f"{start}{expected} zero."


def test_a_single_cell_is_not_all_cells():
    one = invented.changed_counts(invented.first_cells(1), r_all_ci95=(-0.04, 0.22))
    told = how_many_cells(one)
    assert "R from the only cell, " in told


@pytest.mark.parametrize(("lower", "guide"), [(17.0, False), (16.0, True)])
def test_strength_is_no_guide_where_more_strong_cells_are_needed_than_carry(lower, guide):
    told = said(strong_cells=27.0, strong_cells_ci95=(lower, 30.0))
    assert ("Response strength is no guide here" not in told) == guide


def test_one_strong_cell_gives():
    told = said(strong_cells=1.0, strong_cells_ci95=(1.0, 2.0))
    assert "the strongest response gives at least 95 % of R from all cells (1 to 2); about" in told


def test_all_cells_are_no_few():
    told = said(strong_cells=90.0, strong_cells_ci95=(80.0, 90.0))
    assert "95 % of R takes the responses of all cells (80 to 90)" in told


def test_second_rois_of_one_soma_are_said():
    assert "; 2 of them may be second ROIs of one soma." in said(informative_doubles=2.0)
    assert "soma" not in said(informative_doubles=0.0)


@pytest.mark.parametrize(
    ("omitted", "rest", "where"),
    [("mean", "the mean training response", "their mean"), ("zero", "responses of zero", "zero")],
)
def test_the_caption_says_what_no_cells_give_by_the_kind_of_decoder(omitted, rest, where):
    curves = invented.changed_counts(invented.curves(), omitted=omitted)
    assert f"In the paper's order, omitted cells at {where}, the first" in curve_caption(curves)
    assert "No cells give" not in curve_caption(curves)
    predicted = invented.changed_counts(invented.curves(), omitted=omitted, predicted=True)
    expected = f"No cells give what it predicts from {rest}, which need not be the mean training"
    assert expected in curve_caption(predicted)


def test_a_decoder_that_is_not_affine_needs_permutations():
    told = said(beyond_chance=False, informative_cells_told=False, decoder="nearest")
    assert told == (
        "How many cells carry the picture is left open: nearest is not affine, and no permutations "
        "show that its R is above chance (reconstruct has --permutations)." + STRONG
    )

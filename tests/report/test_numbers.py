"""Numbers as they appear in captions and on the page."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twophoton_decode.figures.canvas import numbers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.126, "0.13"),
        (-0.126, "−0.13"),
        (-0.001, "0.00"),
        (math.nan, "–"),
        (None, "–"),
        (math.inf, "–"),
    ],
)
def test_number(value, written):
    assert numbers.number(value) == written


def test_differences_carry_their_sign():
    assert numbers.signed(0.0331, 3) == "+0.033"
    assert numbers.signed(-0.0331, 3) == "−0.033"
    assert numbers.signed(math.nan) == "–"


def test_counts_keep_their_noun_in_agreement():
    assert numbers.counted(1, "cell") == "1 cell"
    assert numbers.counted(20.0, "cell") == "20 cells"
    assert numbers.counted(10.25, "cell") == "10.2 cells"
    assert numbers.counted(math.nan, "cell") == "– cells"


def test_shares_intervals_and_p_values():
    assert numbers.percent(0.134) == "13 %"
    assert numbers.percent(math.nan) == "–"
    assert numbers.percent(None) == "–"
    assert numbers.interval((-0.2, 0.345)) == "−0.20 to 0.34"
    assert numbers.interval((0.1, math.nan)) == "–"
    assert numbers.p_value(0.0476) == "p = 0.048"
    assert numbers.p_value(1e-9) == "p < 0.001"
    assert numbers.p_value(None) == "p = –"


def test_the_least_p_of_permutations_is_told_as_such():
    assert numbers.p_value(1 / 201, 200) == "p ≤ 1/201"
    assert numbers.p_value(2 / 201, 200) == "p = 0.01"
    assert numbers.p_value(1 / 1001, 1000) == "p ≤ 1/1001"
    assert numbers.bare_p(1 / 21, 20) == "≤ 1/21"
    assert numbers.p_value(float("nan"), 0) == "p = –"


def test_statistics_leave_undefined_values_out():
    values = np.array([1.0, np.nan, 3.0])
    assert numbers.mean(values) == 2.0
    assert numbers.median(values) == 2.0
    assert numbers.standard_error(values) == pytest.approx(1.0)
    assert math.isnan(numbers.mean(np.array([np.nan])))
    assert math.isnan(numbers.median(np.array([])))
    assert math.isnan(numbers.standard_error(np.array([1.0, np.nan])))

"""Numbers as they appear in captions and on the page."""

from __future__ import annotations

import math

import numpy as np
import pytest

from twophoton_decode.figures.canvas import numbers
from twophoton_decode.statistics import defined


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


def test_an_interval_is_cut_where_no_value_can_be_and_says_so():
    cut = numbers.bounded_interval((0.56, 1.13), -1, 1)
    assert cut == "0.56 to 1.00, cut at 1: too few images"
    cut = numbers.bounded_interval((-0.8, 103.6), 0, 100, 1)
    assert cut == "0.0 to 100.0, cut at 0 and 100: too few images"
    assert numbers.bounded_interval((-0.08, 0.48), 0) == "0.00 to 0.48, cut at 0: too few images"
    assert numbers.bounded_interval((0.2, 0.3), -1, 1) == "0.20 to 0.30"
    assert numbers.bounded_interval((math.nan, math.nan), -1, 1) == "–"


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
    assert defined.mean(values) == 2.0
    assert defined.median(values) == 2.0
    assert defined.standard_error(values) == pytest.approx(1.0)
    assert math.isnan(defined.mean(np.array([np.nan])))
    assert math.isnan(defined.median(np.array([])))
    assert math.isnan(defined.standard_error(np.array([1.0, np.nan])))

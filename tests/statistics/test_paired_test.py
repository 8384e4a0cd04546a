"""Signed ranks over sessions, their effect size, and the correction for several tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from twophoton_decode.statistics.paired import holm, paired_p, rank_biserial


def test_six_pairs_that_agree_reach_one_in_thirty_two():
    assert paired_p(np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])) == pytest.approx(2 / 64)


def test_five_pairs_or_six_with_a_tie_are_not_tested():
    assert np.isnan(paired_p(np.arange(1.0, 6)))
    assert np.isnan(paired_p(np.array([0.0, 1, 2, 3, 4, 5])))


def test_p_is_that_of_scipy():
    difference = np.random.default_rng(0).normal(0.3, 1, 14)
    assert paired_p(difference) == pytest.approx(stats.wilcoxon(difference).pvalue)


def test_the_effect_size_weighs_by_rank():
    # Ranks 1, 2, 3 of the sizes; only the smallest is negative.
    assert rank_biserial(np.array([-0.1, 0.5, 2.0])) == pytest.approx((2 + 3 - 1) / 6)
    assert rank_biserial(np.array([0.2, 0.1, 0.0])) == 1.0
    assert np.isnan(rank_biserial(np.zeros(3)))


def test_the_effect_size_is_that_of_the_signed_rank_statistic():
    difference = np.random.default_rng(3).normal(0.2, 1, 15)
    smaller = stats.wilcoxon(difference).statistic
    assert abs(rank_biserial(difference)) == pytest.approx(1 - 2 * smaller / (15 * 16 / 2))


def test_holm_by_hand():
    corrected = holm(np.array([0.01, 0.04, np.nan, 0.03, 0.5]))
    np.testing.assert_allclose(corrected, [0.04, 0.09, np.nan, 0.09, 0.5])
    assert holm(np.array([0.4, 0.9]))[1] == 0.9
    assert holm(np.array([0.6, 0.7]))[0] == 1.0


@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=12))
def test_holm_keeps_the_order_and_lies_between_p_and_bonferroni(p):
    p = np.array(p)
    corrected = holm(p)
    assert (corrected >= p).all()
    assert (corrected <= np.minimum(p * len(p), 1) + 1e-12).all()
    assert (np.diff(corrected[np.argsort(p, kind="stable")]) >= 0).all()

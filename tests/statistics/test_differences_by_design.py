"""Differences tested by exchanging an assignment, or the sides of pairs."""

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.statistics.permutation import assigned_difference, exchanged_difference


def test_difference_and_interval_are_welchs():
    rng = np.random.default_rng(0)
    values, assigned = rng.normal(size=30), np.arange(30) < 12
    values[assigned] *= 3
    found = assigned_difference(values, assigned, 2000, rng)
    told = stats.ttest_ind(values[assigned], values[~assigned], equal_var=False)
    low, high = told.confidence_interval()
    assert found.mean == pytest.approx(values[assigned].mean() - values[~assigned].mean())
    assert (found.low, found.high) == pytest.approx((low, high))


def test_p_counts_every_assignment():
    """With 3 of 6 units there are 20 assignments, of which 2 reach the largest difference."""
    values, assigned = np.array([5.0, 6.0, 7.0, 1.0, 2.0, 3.0]), np.arange(6) < 3
    found = assigned_difference(values, assigned, 40_000, np.random.default_rng(1))
    assert found.p == pytest.approx(0.1, abs=0.01)
    turned = assigned_difference(-values, assigned, 40_000, np.random.default_rng(1))
    assert turned.p == found.p


def test_p_of_pairs_counts_every_exchange():
    found = exchanged_difference(np.array([1.0, 2.0, 3.0, 4.0]), 40_000, np.random.default_rng(2))
    assert found.mean == 2.5
    assert found.p == pytest.approx(2 / 16, abs=0.01)
    assert found.low < 2.5 < found.high


def test_nothing_to_find_is_found_as_often_as_stated():
    rng = np.random.default_rng(3)
    p = [
        assigned_difference(rng.exponential(size=24), np.arange(24) < 12, 199, rng).p
        for _ in range(400)
    ]
    assert 0.02 < np.mean(np.array(p) < 0.05) < 0.08
    pairs = [exchanged_difference(rng.laplace(size=15), 199, rng).p for _ in range(400)]
    assert 0.02 < np.mean(np.array(pairs) < 0.05) < 0.08


def test_too_few_units_are_not_tested():
    assert np.isnan(assigned_difference(np.arange(3.0), np.arange(3) < 1, 9, None)).all()
    assert np.isnan(exchanged_difference(np.ones(1), 9, None)).all()

"""95 % count, held-out count, derangements and tests, on curves known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.analyses.cell_count.enough import (
    bootstrap_count,
    count_reaching,
    heldout_count,
    mean_over_wrong,
)
from twophoton_decode.statistics.bootstrap import resampled_means
from twophoton_decode.statistics.paired import signed_rank_p
from twophoton_decode.statistics.permutation import deranged_means, p_above


def test_count_reaching_95_per_cent():
    assert count_reaching(np.array([0.0, 0.5, 0.94, 0.96, 1.0])) == 3
    assert count_reaching(np.array([0.0, 1.2, 0.5, 1.0])) == 1


def test_nothing_less_than_all_cells_reaches_a_score_that_is_not_positive():
    np.testing.assert_array_equal(count_reaching(np.array([[0, 1, -0.1], [0, 0, 0]])), [2, 2])


def test_bootstrap_of_equal_images_has_no_width():
    curve = np.array([0.0, 0.3, 0.5, 0.5])
    count, interval, of_r = bootstrap_count(
        np.tile(curve, (6, 1)), np.arange(4), np.arange(6), 100, np.random.default_rng(0)
    )
    assert count == 2
    assert interval == (2.0, 2.0)
    assert of_r == pytest.approx((0.5, 0.5))


def test_bootstrap_interval_of_r_is_that_of_the_mean():
    r = np.random.default_rng(1).normal(1.0, 0.5, size=(200, 1))
    _, _, (low, high) = bootstrap_count(
        r, np.array([7]), np.arange(200), 4000, np.random.default_rng(0)
    )
    error = 1.96 * r.std() / np.sqrt(200)
    assert low == pytest.approx(r.mean() - error, abs=0.01)
    assert high == pytest.approx(r.mean() + error, abs=0.01)


def test_bootstrap_is_undefined_where_r_may_be_zero():
    r = np.zeros((10, 3))
    r[:, 2] = np.tile([-1.0, 1.1], 5)
    count, interval, (low, high) = bootstrap_count(
        r, np.arange(3), np.arange(10), 200, np.random.default_rng(0)
    )
    assert np.isnan([count, *interval]).all()
    assert low < 0 < high


def test_heldout_count_does_not_look_at_the_image_itself():
    r = np.array([[0.0, 9.0, 0.0], [0.0, 1.0, 2.0], [0.0, 1.0, 2.5]])
    np.testing.assert_array_equal(heldout_count(r, np.eye(3, dtype=bool)), [2, 1, 1])


def test_heldout_count_is_at_least_one_cell():
    np.testing.assert_array_equal(
        heldout_count(-np.array([[0.0, 1, 1], [0, 1, 2]]), np.eye(2, dtype=bool)), [1, 1]
    )


def test_derangements_never_meet_the_diagonal():
    table = np.zeros((6, 6))
    np.fill_diagonal(table, np.inf)
    np.testing.assert_array_equal(
        deranged_means(table, np.arange(6), 50, np.random.default_rng(0)), 0.0
    )


def test_derangements_draw_every_other_image_alike():
    table = np.arange(25.0).reshape(5, 5)
    means = deranged_means(table, np.arange(5), 4000, np.random.default_rng(0))
    off_diagonal = table[~np.eye(5, dtype=bool)]
    assert means.mean() == pytest.approx(off_diagonal.mean(), abs=0.05)


def test_p_counts_the_value_itself():
    assert p_above(3.0, np.array([1.0, 2.0, 3.0, 4.0])) == 3 / 5
    assert p_above(9.0, np.zeros(199)) == 1 / 200


def test_signed_rank_is_scipys_and_defined_for_equal_pairs():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 30))
    assert signed_rank_p(first, second) == stats.wilcoxon(first, second).pvalue
    assert signed_rank_p(first, first) == 1.0


def test_derangements_never_pair_images_of_equal_content():
    content = np.array([0, 0, 1, 1, 2, 3])
    table = np.where(content[:, None] == content, np.inf, 0.0)
    means = deranged_means(table, content, 200, np.random.default_rng(0))
    np.testing.assert_array_equal(means, 0.0)


def test_derangements_exist_where_many_images_show_the_same():
    content = np.repeat(np.arange(3), 10)
    table = np.where(content[:, None] == content, np.inf, 0.0)
    np.testing.assert_array_equal(deranged_means(table, content, 5, np.random.default_rng(0)), 0.0)


def test_derangements_are_undefined_where_most_images_show_the_same():
    means = deranged_means(np.eye(5), np.array([0, 0, 0, 1, 2]), 7, np.random.default_rng(0))
    assert np.isnan(means).all()
    assert len(means) == 7


def test_heldout_count_does_not_look_at_images_of_equal_content():
    r = np.array([[0.0, 9.0, 0.0], [0.0, 9.0, 0.0], [0.0, 1.0, 2.0]])
    same = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], bool)
    np.testing.assert_array_equal(heldout_count(r, same), [2, 2, 1])


def test_images_of_equal_content_are_resampled_together():
    values = np.array([1.0, 1.0, 0.0])
    means = resampled_means(values, np.array([5, 5, 2]), 400, np.random.default_rng(0))
    assert set(means.round(6)) == {0.0, round(2 / 3, 6), 1.0}


def test_wrong_images_are_those_of_other_content():
    table = np.array([[1.0, 2.0, 6.0], [3.0, 4.0, 5.0]])
    same = np.array([[True, False, False], [True, True, True]])
    np.testing.assert_array_equal(mean_over_wrong(table, same), [4.0, np.nan])


def test_rounding_is_no_difference():
    first = np.random.default_rng(0).normal(size=20)
    assert signed_rank_p(first, first * (1 + 1e-13)) == 1.0

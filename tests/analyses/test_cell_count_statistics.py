"""95 % counts, derangements and tests, on curves known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.analyses.cell_count.enough import (
    bootstrap_count,
    count_reaching,
    count_staying,
    enough_cells,
    mean_over_wrong,
)
from twophoton_decode.statistics.bootstrap import resampled_means
from twophoton_decode.statistics.paired import difference, paired_p
from twophoton_decode.statistics.permutation import deranged_means, p_above


def test_count_reaching_95_per_cent():
    assert count_reaching(np.array([0.0, 0.5, 0.94, 0.96, 1.0])) == 3
    assert count_reaching(np.array([0.0, 1.2, 0.5, 1.0])) == 1


def test_nothing_less_than_all_cells_reaches_a_score_that_is_not_positive():
    np.testing.assert_array_equal(count_reaching(np.array([[0, 1, -0.1], [0, 0, 0]])), [2, 2])


def test_a_curve_that_falls_again_crosses_before_it_stays():
    curve = np.array([0.0, 0.99, 0.93, 0.96, 0.97, 1.0])
    assert (count_reaching(curve), count_staying(curve)) == (1, 3)
    assert count_staying(np.array([1.0, 1.0])) == 0
    np.testing.assert_array_equal(count_staying(np.array([[0, 1, -0.1], [0, 0, 0]])), [2, 2])


def bootstrap(r, widening=1.0, bootstraps=200):
    cells, content = np.arange(r.shape[1]), np.arange(len(r))
    return bootstrap_count(r, cells, content, bootstraps, np.random.default_rng(0), widening)


def test_bootstrap_of_equal_images_has_no_width():
    enough, of_r = bootstrap(np.tile([0.0, 0.3, 0.5, 0.5], (6, 1)), widening=1.4)
    assert enough.count == 2
    assert enough.interval == (2.0, 2.0)
    assert of_r == pytest.approx((0.5, 0.5))


def test_interval_of_r_is_widened_and_the_count_spreads_with_it():
    rng = np.random.default_rng(1)
    pace = np.exp(rng.normal(1.5, 1.0, (40, 1)))
    r = rng.normal(1, 0.5, (40, 1)) * (1 - np.exp(-np.arange(31) / pace))
    plain, wide = bootstrap(r, 1.0), bootstrap(r, 1.5)
    error = r[:, -1].std(ddof=1) / np.sqrt(40)
    known, estimated = error * stats.t.ppf(0.975, [39, 39 / 2])
    mean = r[:, -1].mean()
    assert plain[1] == pytest.approx((mean - known, mean + known))
    assert wide[1] == pytest.approx((mean - 1.5 * estimated, mean + 1.5 * estimated))
    assert plain[0].count == wide[0].count
    assert np.diff(wide[0].interval) > np.diff(plain[0].interval)


def test_bootstrap_is_undefined_where_r_may_be_zero():
    r = np.zeros((10, 3))
    r[:, 2] = np.tile([-1.0, 1.1], 5)
    enough, (low, high) = bootstrap(r)
    assert np.isnan([enough.count, *enough.interval]).all()
    assert low < 0 < high


def test_so_many_suffice_where_the_margin_is_shown_from_there_on():
    """Margins with known mean and spread over four images: t(1.5) = 5.19 at 97.5 %."""
    deviation = np.array([1.0, -1.0, 1.0, -1.0])
    spread = np.array([0.0, 1e-3, 1e-3, 1e-3, 0.0])
    mean = np.array([0.0, 0.9, 0.951, 0.96, 1.0])
    r = mean + deviation[:, None] * spread
    # Half-width 5.19 · 1e-3 · √(4/3) / 2 = 0.003: 0.951 lies within, 0.96 above, 0.9 below.
    found = enough_cells(r, np.array([0, 3, 7, 9, 12]), np.arange(4), 1.0)
    assert (found.count, found.interval) == (7.0, (7.0, 9.0))
    # Four times as wide, 0.96 is not shown to be enough, and 0.9 is still not.
    assert enough_cells(r, np.arange(5), np.arange(4), 4.0).interval == (2.0, 4.0)


def test_nothing_is_enough_without_a_reconstruction():
    found = enough_cells(np.tile([[0.0, -0.1], [0.0, 0.1]], (5, 1)), np.arange(2), np.arange(10), 1)
    assert np.isnan([found.count, *found.interval]).all()


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


def test_signed_rank_is_scipys_where_enough_pairs_differ():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 30))
    assert paired_p(difference(first, second)) == stats.wilcoxon(first, second).pvalue
    assert np.isnan(paired_p(difference(first[:5], second[:5])))
    assert np.isnan(paired_p(difference(first, first)))


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
    assert np.isnan(paired_p(difference(first, first * (1 + 1e-13))))

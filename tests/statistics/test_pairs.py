"""Statistics over pairs and their jackknife intervals, against plain recomputation."""

import numpy as np
import pytest

from twophoton_decode.statistics.pairs import (
    correlation_over_pairs,
    mean_over_pairs,
    ratio_over_pairs,
    upper,
)


def symmetric(rng, members):
    values = rng.normal(size=(members, members))
    return values + values.T


def jackknife(statistic, members):
    """Leave out one member at a time, and compute everything anew."""
    without = [statistic(np.delete(np.arange(members), k)) for k in range(members)]
    error = np.sqrt((members - 1) / members * ((without - np.mean(without)) ** 2).sum())
    found = statistic(np.arange(members))
    return found, (found - 1.96 * error, found + 1.96 * error)


@pytest.mark.parametrize("members", [3, 9])
def test_every_statistic_is_that_of_recomputing_without_each_member(members):
    rng = np.random.default_rng(members)
    a, b = symmetric(rng, members), symmetric(rng, members) + 3
    cases = (
        (mean_over_pairs(a), lambda kept: upper(a[np.ix_(kept, kept)]).mean()),
        (
            ratio_over_pairs(b, b + 1),
            lambda kept: (
                upper(b[np.ix_(kept, kept)]).sum() / upper(b[np.ix_(kept, kept)] + 1).sum()
            ),
        ),
    )
    for (found, interval), statistic in cases:
        expected, ends = jackknife(statistic, members)
        assert found == pytest.approx(expected)
        np.testing.assert_allclose(interval, ends)


def test_correlation_over_pairs_leaves_out_unknown_ones():
    rng = np.random.default_rng(0)
    a = symmetric(rng, 8)
    b = 0.5 * a + symmetric(rng, 8)
    b[2, 5] = b[5, 2] = np.nan
    np.fill_diagonal(b, np.nan)

    def r(kept):
        x, y = upper(a[np.ix_(kept, kept)]), upper(b[np.ix_(kept, kept)])
        return np.corrcoef(x[np.isfinite(y)], y[np.isfinite(y)])[0, 1]

    expected, ends = jackknife(r, 8)
    found, interval = correlation_over_pairs(a, b)
    assert found == pytest.approx(expected)
    np.testing.assert_allclose(interval, ends, atol=1e-9)


def test_intervals_cover_the_mean_of_pairs_that_share_members():
    """Each member shifts all of its pairs; an interval over pairs would cover far less."""
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(300):
        member = rng.normal(size=25)
        low, high = mean_over_pairs(member[:, None] + member)[1]
        covered.append(low < 0 < high)
    assert 0.9 < np.mean(covered) < 0.98


def test_nothing_to_say_is_nan():
    for values in (np.full((4, 4), np.nan), np.zeros((0, 0)), np.zeros((1, 1))):
        found, interval = mean_over_pairs(values)
        assert np.isnan([found, *interval]).all()
    constant, interval = correlation_over_pairs(np.ones((4, 4)), np.eye(4))
    assert np.isnan([constant, *interval]).all()


def test_images_widen_the_interval_of_a_mean():
    """By hand: jackknives over members and over images, less what pairs vary for themselves."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(8, 8))
    values = values + values.T
    without = np.array([0.1, 0.5, -0.2, 0.4])
    mean, (low, high) = mean_over_pairs(values)
    members = ((high - low) / 2 / 1.96) ** 2
    images = 3 / 4 * ((without - without.mean()) ** 2).sum()
    pairs = values[np.triu_indices(8, k=1)]
    error = np.sqrt(members + images - pairs.var() / 28)
    found, ends = mean_over_pairs(values, without)
    assert found == mean
    # Student's t with 3 degrees of freedom.
    assert ends == pytest.approx((mean - 3.18245 * error, mean + 3.18245 * error), rel=1e-5)
    assert np.isnan(mean_over_pairs(values, without[:1])[1]).all()


def test_images_that_change_nothing_leave_the_error_over_members():
    values = np.random.default_rng(6).normal(size=(8, 8))
    values = values + values.T
    mean, (_, high) = mean_over_pairs(values)
    _, (_, wider) = mean_over_pairs(values, np.full(21, mean))
    assert (wider - mean) / (high - mean) == pytest.approx(2.08596 / 1.96, rel=1e-5)

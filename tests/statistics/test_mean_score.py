"""The interval of a mean score against the formula by hand, and against what it should cover."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.statistics.image_mean import image_mean
from twophoton_decode.statistics.mean_score import mean_score


def by_the_formula(scores, deletion):
    """Method S written out with loops, all images different."""
    n = len(scores)
    g = scores - scores.mean()
    independent = sum(g**2) / (n * (n - 1))
    own = deletion.copy()
    own -= np.nanmean(own, axis=0)
    own -= np.nanmean(own, axis=1)[:, None]
    h = np.nansum(deletion, axis=0)
    h -= h.mean()
    reciprocal = squares = 0.0
    for i in range(n):
        for j in range(n):
            if np.isfinite(own[i, j]):
                reciprocal += own[i, j] * own[j, i] / n**2
                squares += own[i, j] ** 2 / n**2
    x = 2 * sum(g * h) / (n * (n - 1)) - reciprocal
    y = sum(h**2) / (n * (n - 1)) - squares
    e = min(max(x + max(y, 0) / 2, 0), 1.6 * independent)
    return 1.25 * independent + 0.75 * e, independent


def effects(rng, scores, folds, strength=0.02):
    """Deletion effects that go with the scores, NaN within folds."""
    n = len(scores)
    deletion = strength * (scores - scores.mean()) + 0.02 * rng.normal(size=(n, n))
    fold = np.arange(n) % folds
    return np.where(fold[:, None] == fold, np.nan, deletion)


@pytest.mark.parametrize(("folds", "strength"), [(5, 0.02), (24, 0.02), (5, 0.2), (5, -0.1)])
def test_as_the_formula_says(folds, strength):
    rng = np.random.default_rng(1)
    scores = rng.normal(0.1, 0.2, 24)
    deletion = effects(rng, scores, folds, strength)
    variance, independent = by_the_formula(scores, deletion)
    found = mean_score(scores, deletion)
    reach = stats.t.ppf(0.975, 23 / 2) * np.sqrt(variance)
    assert found.interval == pytest.approx((scores.mean() - reach, scores.mean() + reach))
    assert found.widening == pytest.approx(np.sqrt(variance / independent))
    assert found.p == pytest.approx(2 * stats.t.sf(abs(scores.mean()) / np.sqrt(variance), 23 / 2))


def test_twice_the_variance_where_no_deletion_is_known():
    scores = np.array([0.1, 0.3, 0.2, 0.6])
    found = mean_score(scores)
    reach = stats.t.ppf(0.975, 3) * np.sqrt(2 * scores.var(ddof=1) / 4)
    assert found.interval == pytest.approx((0.3 - reach, 0.3 + reach))
    assert found.widening == pytest.approx(np.sqrt(2))
    assert image_mean(scores).error == pytest.approx(scores.std(ddof=1) / 2)


def test_images_shown_twice_count_once():
    """Doubling every image changes nothing but rounding: the pair is the unit."""
    rng = np.random.default_rng(2)
    scores = rng.normal(0.1, 0.2, 20)
    deletion = effects(rng, scores, 4)
    twice = np.repeat(np.arange(20), 2)
    found = mean_score(scores[twice], deletion[np.ix_(twice, twice)], twice)
    once = mean_score(scores, deletion)
    assert found.interval == pytest.approx(once.interval)
    assert found.units == 20


def test_undefined_scores_are_left_out():
    rng = np.random.default_rng(3)
    scores = rng.normal(0.1, 0.2, 20)
    deletion = effects(rng, scores, 20)
    missing = scores.copy()
    missing[4] = np.nan
    kept = np.delete(np.arange(20), 4)
    without = mean_score(scores[kept], deletion[np.ix_(kept, kept)])
    assert mean_score(missing, deletion) == without


def test_without_spread():
    assert mean_score(np.zeros(5)).p == 1.0
    assert np.isnan(mean_score(np.full(5, 0.2)).p)
    assert np.isnan(mean_score(np.array([0.2])).interval).all()
    assert np.isnan(mean_score(np.array([np.nan])).mean)

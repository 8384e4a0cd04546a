"""Medians of ratios: errors over cells and images by hand, and against what chance makes."""

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.statistics.log_median import LogMedian, log_median


def test_variances_over_cells_and_images_are_added():
    rng = np.random.default_rng(0)
    ratios = np.exp(0.3 + 0.4 * rng.normal(size=60))
    shift = np.array([0.1, -0.2, 0.05, 0.05])
    found = log_median(ratios, ratios * np.exp(shift)[:, None], 4000, rng)
    # A jackknife over four parts.
    images = 3 / 4 * ((shift - shift.mean()) ** 2).sum()
    drawn = rng.choice(ratios, (4000, 60))
    cells = np.log(np.median(drawn, axis=1)).var()
    reach = stats.t.ppf(0.975, 3) * np.sqrt(cells + images)
    expected = np.median(ratios) * np.exp([-reach, reach])
    assert found.interval == pytest.approx(tuple(expected), rel=0.02)
    t = np.log(np.median(ratios)) / np.sqrt(cells + images)
    assert found.p == pytest.approx(2 * stats.t.sf(t, 3), rel=0.1)


def test_chance_gives_its_mean_and_spread():
    chance = np.log([0.9, 1.0, 1.1, 1.2, 0.8, 1.05])
    found = LogMedian.against_chance(np.array([0.4, 0.5, 0.6]), chance)
    error = chance.std(ddof=1) * np.sqrt(1 + 1 / 6)
    t = abs(np.log(0.5) - chance.mean()) / error
    assert found.median == 0.5
    assert found.p == pytest.approx(2 * stats.t.sf(t, 5))
    assert np.log(found.interval[1] / 0.5) == pytest.approx(stats.t.ppf(0.975, 5) * error)


def test_what_cannot_be_told_is_nan():
    few = LogMedian.against_chance(np.array([2.0, 3.0]), np.zeros(4))
    assert few.median == 2.5
    assert np.isnan([few.p, *few.interval]).all()
    rng = np.random.default_rng(0)
    one = log_median(np.array([2.0, 3.0, 4.0]), np.ones((1, 3)), 100, rng)
    assert np.isnan([one.p, *one.interval]).all()
    nothing = log_median(np.zeros(3), np.zeros((4, 3)), 100, rng)
    assert np.isnan([nothing.p, *nothing.interval]).all()

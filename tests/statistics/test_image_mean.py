"""Means over images: Student's interval, images of equal content as one, wider where shared."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.statistics.image_mean import image_mean


def test_of_independent_images_it_is_students_interval():
    values = np.random.default_rng(0).normal(0.2, 1, 15)
    expected = stats.ttest_1samp(values, 0)
    found = image_mean(np.append(values, np.nan))
    assert found.mean == pytest.approx(values.mean())
    assert found.interval == pytest.approx(tuple(expected.confidence_interval()))
    assert found.p == pytest.approx(expected.pvalue)


def test_images_of_equal_content_count_as_one():
    values = np.random.default_rng(1).normal(1, 1, 10)
    content = np.repeat(np.arange(10), 3)
    once, thrice = image_mean(values), image_mean(np.repeat(values, 3), content)
    assert thrice.interval == pytest.approx(once.interval)
    assert thrice.p == pytest.approx(once.p)
    assert image_mean(np.repeat(values, 3)).p < once.p


def test_widened_by_hand():
    # Mean 2, SD 1 over three images: error 2 / sqrt(3), one degree of freedom.
    found = image_mean(np.array([1.0, 2.0, 3.0]), widening=2.0)
    reach = 12.7062 * 2 / np.sqrt(3)
    assert found.interval == pytest.approx((2 - reach, 2 + reach), rel=1e-4)
    # With one degree of freedom, p = 1 - 2 arctan(t) / pi.
    assert found.p == pytest.approx(1 - 2 * np.arctan(np.sqrt(3)) / np.pi)


def test_what_cannot_be_told_is_nan():
    assert np.isnan(image_mean(np.full(3, np.nan)).mean)
    one = image_mean(np.array([0.5, 0.7]), np.zeros(2, int))
    assert one.mean == pytest.approx(0.6)
    assert np.isnan(one.p)
    assert np.isnan(image_mean(np.ones(4)).p)
    assert image_mean(np.zeros(4)).p == 1.0

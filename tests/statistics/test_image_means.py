"""Means over images with widened errors, against hand-made numbers and independent images."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.statistics.image_mean import image_means
from twophoton_decode.statistics.permutation import p_above


def test_the_error_is_that_of_independent_images_times_the_widening():
    values = np.random.default_rng(0).normal(1, 2, (30, 3))
    means = image_means(values, np.arange(30), widening=1.3)
    np.testing.assert_allclose(means.error, 1.3 * values.std(axis=0, ddof=1) / np.sqrt(30))
    low, high = means.interval(0.9)
    reach = stats.t.ppf(0.95, 14.5) * means.error
    np.testing.assert_allclose([low, high], [means.mean - reach, means.mean + reach])


def test_images_of_equal_content_count_as_one():
    """Three pictures, one shown as two: g = (-1.5, -1.5 + ..), summed within the picture."""
    values = np.array([1.0, 1.0, 4.0, 6.0])
    means = image_means(values, np.array([7, 7, 1, 2]), widening=1.0)
    groups = np.array([-4.0, 1.0, 3.0])
    assert means.units == 3
    assert means.error == pytest.approx(np.sqrt((groups**2).sum() * 3 / 2) / 4)


def test_tests_agree_with_intervals():
    values = np.random.default_rng(1).normal(0.2, 1, 40)
    means = image_means(values, np.arange(40), widening=1.2)
    edge = float(means.interval(1 - float(means.p_differs()))[0])
    assert edge == pytest.approx(0, abs=1e-9)
    assert means.p_above() == pytest.approx(means.p_differs() / 2)
    assert means.p_above(limit=float(means.mean)) == pytest.approx(0.5)


def test_equal_images_differ_from_zero_only_if_they_are_not_zero():
    assert image_means(np.zeros(9), np.arange(9), widening=1.4).p_differs() == 1
    assert np.isnan(image_means(np.ones(9), np.arange(9), widening=1.4).p_differs())


def test_one_picture_has_no_interval():
    means = image_means(np.array([1.0, 2.0]), np.array([3, 3]), widening=1.4)
    assert means.mean == 1.5
    assert np.isnan(means.interval()).all()


def test_a_value_that_is_unknown_has_no_p():
    """Nothing is at or above NaN, which looked like the least p that draws allow."""
    assert np.isnan(p_above(np.nan, np.zeros(99)))
    assert np.isnan(p_above(0.0, np.full(99, np.nan)))
    assert np.isnan(p_above(0.0, np.empty(0)))
    assert p_above(0.5, np.array([0.0, 1.0, 0.2])) == 0.5

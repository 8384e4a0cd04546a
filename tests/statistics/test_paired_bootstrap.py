"""Paired differences over images: against the normal theory, and what is drawn together."""

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.statistics.bootstrap import paired_bootstrap


def draw(values, content=None, **more):
    content = np.arange(len(values)) if content is None else content
    return paired_bootstrap(values, content, 4000, np.random.default_rng(0), **more)


def test_interval_and_p_of_many_images_are_those_of_the_normal():
    values = np.random.default_rng(1).normal(0.1, 1.0, 400)
    values += 0.1 - values.mean()
    error = values.std() / 20
    found = draw(values)
    assert found.mean == pytest.approx(0.1)
    assert found.low == pytest.approx(0.1 - 1.96 * error, abs=0.01)
    assert found.high == pytest.approx(0.1 + 1.96 * error, abs=0.01)
    assert found.p == pytest.approx(2 * stats.norm.sf(0.1 / error), abs=0.01)


def test_widening_stretches_the_interval_about_the_mean():
    values = np.random.default_rng(1).normal(size=50)
    plain, wide = draw(values), draw(values, widening=2.0)
    assert wide.high - wide.mean == pytest.approx(2 * (plain.high - plain.mean))
    assert wide.low - wide.mean == pytest.approx(2 * (plain.low - plain.mean))


def test_images_that_show_the_same_are_drawn_together():
    values = np.random.default_rng(1).normal(size=40)
    twice = draw(np.repeat(values, 2), np.repeat(np.arange(40), 2))
    assert twice.high - twice.low == pytest.approx(draw(values).high - draw(values).low)


def test_no_difference_and_too_few_images():
    assert draw(np.zeros(10)).p == 1
    assert np.isnan(draw(np.array([0.3, np.nan])).p)
    assert draw(np.full(10, 0.2)).p == pytest.approx(2 / 4001)

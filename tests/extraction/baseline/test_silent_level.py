"""The level of a silent cell, from percentiles of distributions that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.extraction.signals.baseline.silent_level import PERCENTILES, silent_level


def percentiles(values):
    return np.percentile(values, PERCENTILES, axis=-1).T


def test_level_of_noise_is_its_mean():
    values = np.random.default_rng(0).normal(20, 3, (4, 4000))
    level, error = silent_level(percentiles(values), np.full(4, 3.0), 400)
    assert level == pytest.approx(20, abs=0.6)
    assert (error < 0.6).all()


@pytest.mark.parametrize("shape", [0.05, 0.5, 2.0, 4.0])
@pytest.mark.parametrize("size", [5.0, 20.0])
def test_level_below_activity_of_the_model_comes_back(shape, size):
    rng = np.random.default_rng(1)
    values = 50 + rng.gamma(shape, size, (4, 20_000)) + rng.normal(0, 2, (4, 20_000))
    level, error = silent_level(percentiles(values), np.full(4, 2.0), 400)
    assert (np.abs(level - 50) < 3 * error).all()
    assert level.mean() == pytest.approx(50, abs=0.12 * size * max(1, shape))


def test_error_is_larger_with_less_to_go_by():
    values = np.random.default_rng(2).gamma(2.0, 10, (1, 4000))
    few, many = (silent_level(percentiles(values), np.ones(1), n)[1][0] for n in (20, 400))
    assert few > 1.3 * many


@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-1e3, 1e3))
def test_level_moves_and_grows_with_the_values(scale, shift):
    given_ = percentiles(np.random.default_rng(3).gamma(1.0, 10, (1, 500)))
    level, error = silent_level(given_, np.full(1, 2.0), 100)
    moved = silent_level(scale * (given_ + shift), np.full(1, 2.0 * scale), 100)
    np.testing.assert_allclose(moved[0], scale * (level + shift), rtol=1e-5, atol=1e-5 * scale)
    np.testing.assert_allclose(moved[1], scale * error, rtol=1e-5)


def test_without_noise_or_change_it_is_the_value_itself():
    level, error = silent_level(np.full((1, len(PERCENTILES)), 7.0), np.zeros(1), 100)
    assert (level[0], error[0]) == (7.0, 0.0)
    assert np.isnan(silent_level(np.full((1, len(PERCENTILES)), np.nan), np.ones(1), 100)[0])
    assert silent_level(np.zeros((0, len(PERCENTILES))), np.zeros(0), 100)[0].shape == (0,)

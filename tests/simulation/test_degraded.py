"""Degraded pictures, and responses that come in part from what is not shown."""

import numpy as np
import pytest

from twophoton_decode.simulation.degraded import blurred, completed, noisy, occluded


@pytest.fixture
def pictures():
    return np.random.default_rng(0).random((3, 20, 20))


def test_a_blur_keeps_the_mean_and_takes_contrast(pictures):
    made = blurred(pictures, 2.0)
    np.testing.assert_allclose(made.mean(axis=(1, 2)), pictures.mean(axis=(1, 2)), atol=0.05)
    assert made.std() < pictures.std() / 3


def test_a_square_of_a_quarter_is_covered_by_the_mean(pictures):
    made = occluded(pictures, 0.25, np.random.default_rng(1))
    for before, after in zip(pictures, made, strict=True):
        rows, columns = np.nonzero(before != after)
        assert len(rows) == 100
        assert np.ptp(rows) == np.ptp(columns) == 9
        np.testing.assert_allclose(after[rows, columns], before.mean())


def test_noise_stays_between_black_and_white(pictures):
    made = noisy(pictures, 0.3, np.random.default_rng(2))
    assert made.min() == 0.0
    assert made.max() == 1.0
    inside = (made > 0) & (made < 1)
    assert 0.1 < (made - pictures)[inside].std() < 0.3


def test_responses_move_to_the_original_by_the_share_where_it_is_familiar():
    shown, original = np.zeros((2, 4)), np.full((2, 4), 10.0)
    made = completed(shown, original, 0.3, np.array([True, False]))
    np.testing.assert_allclose(made, [[3.0] * 4, [0.0] * 4])

import numpy as np
import pytest

from twophoton_decode.decoding.chance import permuted_images
from twophoton_decode.statistics.permutation import p_above


def test_every_row_is_a_permutation_and_the_seed_decides():
    orders = permuted_images(30, 8, seed=3)
    assert orders.shape == (8, 30)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(30), (8, 1)))
    assert len(np.unique(orders, axis=0)) == 8
    np.testing.assert_array_equal(orders, permuted_images(30, 8, seed=3))
    assert not np.array_equal(orders, permuted_images(30, 8, seed=4))


def test_no_permutations_are_an_empty_table():
    assert permuted_images(5, 0, seed=0).shape == (0, 5)


@pytest.mark.parametrize(
    ("score", "expected"), [(0.9, 1 / 5), (0.3, 2 / 5), (0.15, 3 / 5), (-1.0, 1.0)]
)
def test_p_value_counts_the_true_order_too(score, expected):
    assert p_above(score, np.array([0.3, 0.2, 0.0, 0.1])) == pytest.approx(expected)


def test_p_value_without_permutations_is_undefined():
    assert np.isnan(p_above(0.5, np.array([])))

"""Which cell enters when."""

from __future__ import annotations

import numpy as np

from twophoton_decode.analyses.cell_count.order import (
    largest_contribution_first,
    mean_of_other_trials,
    strongest_first,
)


def test_responsive_cells_come_first_and_the_strongest_among_them():
    strength = np.array([[5.0, 1.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
    responsive = np.array([[False, True, True, False], [False, False, False, False]])
    np.testing.assert_array_equal(
        strongest_first(strength, responsive), [[2, 1, 0, 3], [3, 2, 1, 0]]
    )


def test_equal_cells_keep_their_order():
    order = strongest_first(np.zeros((1, 5)), np.array([[False, True, False, True, False]]))
    np.testing.assert_array_equal(order, [[1, 3, 0, 2, 4]])


def test_mean_of_other_trials_leaves_out_the_trial_itself():
    response = np.array([[1.0], [10.0], [3.0], [7.0]])
    image = np.array([0, 2, 0, 0])
    np.testing.assert_array_equal(
        mean_of_other_trials(response, image), [[5.0], [np.nan], [4.0], [2.0]]
    )


def test_the_order_is_that_of_a_stable_sort():
    rng = np.random.default_rng(0)
    strength = rng.integers(0, 5, size=(20, 60)).astype(float)
    responsive = rng.random(strength.shape) < 0.3
    expected = np.lexsort((-strength, ~responsive), axis=-1)
    np.testing.assert_array_equal(strongest_first(strength, responsive), expected)


def test_contribution_is_amplitude_times_the_size_of_the_filter():
    amplitude = np.array([[1.0, -3.0, 2.0], [0.0, 1.0, 1.0]])
    order = largest_contribution_first(amplitude, np.array([1.0, 1.0, 2.0]))
    np.testing.assert_array_equal(order, [[2, 1, 0], [2, 1, 0]])

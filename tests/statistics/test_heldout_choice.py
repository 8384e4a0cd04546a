"""The held-out choice, and a test of it that keeps its rate."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.statistics.heldout_choice import chosen_by_others, heldout_choice_p


def test_an_image_does_not_choose_for_itself():
    curves = np.array([[9.0, 0.0], [1.0, 2.0], [1.0, 2.5]])
    np.testing.assert_array_equal(chosen_by_others(curves, np.arange(3)), [1, 0, 0])


def test_nor_do_images_of_equal_content():
    curves = np.array([[9.0, 0.0], [9.0, 0.0], [1.0, 2.0]])
    np.testing.assert_array_equal(chosen_by_others(curves, np.array([4, 4, 1])), [1, 1, 0])


def test_p_is_the_share_of_sign_exchanges_that_gain_as_much():
    """Against every exchange of five images, in loops."""
    gain = np.random.default_rng(3).normal(0.3, 1.0, (5, 4))

    def mean_gain(curves):
        chosen = [np.delete(curves, i, 0).sum(axis=0).argmax() for i in range(5)]
        return np.mean([curves[i, place] for i, place in enumerate(chosen)])

    found = abs(mean_gain(gain))
    every = [mean_gain(np.array(s)[:, None] * gain) for s in itertools.product((-1, 1), repeat=5)]
    share = np.mean(np.abs(every) >= found - 1e-12)
    p = heldout_choice_p(gain, np.arange(5), 20_000, np.random.default_rng(0))
    assert p == pytest.approx(share, abs=0.01)


def null_p(rng, images=20, places=30, flips=99):
    """Random walks back from all cells, where the gain is zero: near-ties everywhere."""
    steps = rng.normal(size=(images, places))
    gain = np.column_stack([np.cumsum(steps, axis=1)[:, ::-1], np.zeros(images)])
    return heldout_choice_p(gain, np.arange(images), flips, rng)


def test_p_is_uniform_where_no_count_gains():
    rng = np.random.default_rng(5)
    p = np.array([null_p(rng) for _ in range(400)])
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert 0.02 < (p <= 0.05).mean() < 0.085


def test_a_gain_that_all_share_is_found():
    gain = np.random.default_rng(0).normal(0.5, 0.5, (20, 30))
    assert heldout_choice_p(gain, np.arange(20), 199, np.random.default_rng(0)) == 1 / 200


def test_images_of_equal_content_change_sign_together():
    """Two pictures, each shown as ten: only the four exchanges of two signs are possible."""
    gain = np.repeat([[1.0], [2.0]], 10, axis=0)
    content = np.repeat([0, 1], 10)
    p = heldout_choice_p(gain, content, 4000, np.random.default_rng(0))
    assert p == pytest.approx(0.5, abs=0.03)


def test_without_a_difference_there_is_no_test():
    zero = np.zeros((6, 3))
    assert np.isnan(heldout_choice_p(zero, np.arange(6), 99, np.random.default_rng(0)))

"""Overlap of responsive sets: counted by hand, and at its expectation for random sets."""

import numpy as np
import pytest

from twophoton_decode.responses.statistics.overlap import overlap_between_images, pairwise_overlap


def test_counted_by_hand():
    responsive = np.array(
        [[1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 0], [0, 1, 0, 0]], dtype=bool
    )
    pairs = pairwise_overlap(responsive)
    np.testing.assert_array_equal(pairs.common[:3, :3], [[3, 2, 1], [2, 3, 0], [1, 0, 2]])
    assert pairs.share[0, 1] == 2 / 4
    assert pairs.share[0, 2] == 1 / 4
    assert pairs.common_expected[0, 1] == 3 * 3 / 5
    assert pairs.share_expected[0, 1] == pytest.approx(1.8 / (6 - 1.8))
    assert np.isnan(pairs.share[3]).all()
    assert np.isnan(np.diag(pairs.share)).all()
    found = overlap_between_images(responsive)
    np.testing.assert_allclose(found["overlap"], [3 / 8, 1 / 4, 1 / 8, np.nan])
    assert found["overlap_ratio"] == pytest.approx(3 / (9 / 5 + 6 / 5 + 6 / 5))


def test_independent_sets_overlap_as_expected():
    rng = np.random.default_rng(0)
    responsive = rng.random((3000, 40)) < rng.uniform(0.02, 0.1, 40)
    found = overlap_between_images(responsive)
    low, high = found["overlap_ratio_ci95"]
    assert low < 1 < high
    assert found["overlap_ratio"] == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(found["overlap"], found["overlap_expected"], atol=0.006)


def test_cells_that_respond_to_many_images_raise_the_overlap():
    rng = np.random.default_rng(1)
    share = np.where(np.arange(1000) < 100, 0.5, 0.01)[:, None]
    found = overlap_between_images(rng.random((1000, 30)) < share)
    # E[p²] / E[p]² for these shares.
    assert found["overlap_ratio"] == pytest.approx((0.1 * 0.25 + 0.9e-4) / 0.059**2, rel=0.1)
    assert found["overlap_ratio_ci95"][0] > 1


def test_no_responsive_cells_is_undefined():
    found = overlap_between_images(np.zeros((5, 4), dtype=bool))
    assert np.isnan([*found["overlap"], found["overlap_ratio"], *found["overlap_ci95"]]).all()

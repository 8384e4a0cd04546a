"""Coverage: new cells per image, and what random orders would need."""

from itertools import permutations

import numpy as np
import pytest

from twophoton_decode.analyses.complementarity.coverage import coverage, expected_coverage
from twophoton_decode.errors import AnalysisError

RESPONSIVE = np.array(
    [[1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]], dtype=bool
)


def rng():
    return np.random.default_rng(0)


def test_cells_are_counted_with_the_first_image_that_needs_them():
    found = coverage(RESPONSIVE, np.array([0.1, 0.4, 0.3, 0.2]), rng())
    np.testing.assert_array_equal(found["coverage_order"], [1, 2, 3, 0])
    np.testing.assert_array_equal(found["new_cells"], [2, 0, 1, 1])
    np.testing.assert_array_equal(found["covered"], [2, 2, 3, 4])


def test_images_without_a_score_come_last():
    found = coverage(RESPONSIVE, np.array([np.nan, 0.4, 0.3, 0.2]), rng())
    np.testing.assert_array_equal(found["coverage_order"], [1, 2, 3, 0])


def test_the_expectation_is_the_mean_over_all_orders():
    curves = [
        [RESPONSIVE[:, order[: n + 1]].any(axis=1).sum() for n in range(4)]
        for order in permutations(range(4))
    ]
    expected = expected_coverage(RESPONSIVE.sum(axis=1), 4)
    np.testing.assert_allclose(expected, np.mean(curves, axis=0))
    np.testing.assert_allclose(
        coverage(RESPONSIVE, np.arange(4.0), rng())["covered_random"], expected
    )


def test_the_band_holds_most_random_orders():
    generator = np.random.default_rng(1)
    responsive = generator.random((80, 40)) < 0.05
    found = coverage(responsive, generator.random(40), generator)
    low, high = found["covered_random_band"].T
    order = [np.argsort(generator.random(40)) for _ in range(200)]
    curves = np.array(
        [[responsive[:, o[: n + 1]].any(axis=1).sum() for n in range(40)] for o in order]
    )
    inside = ((curves >= low) & (curves <= high)).mean(axis=0)
    assert (inside > 0.88).all()
    assert (low < found["covered_random"]).sum() > 30


def test_few_cells_that_serve_many_good_images_are_noticed():
    responsive = np.zeros((50, 50), bool)
    responsive[:5, :25] = True
    responsive[5:, 25:] = np.eye(45, 25, dtype=bool)
    responsive[30:, 40:] |= True
    good_first = coverage(responsive, -np.arange(50.0), rng())
    assert good_first["covered"][24] == 5
    assert good_first["coverage_p"] < 0.01
    mixed = coverage(responsive, np.random.default_rng(3).random(50), rng())
    assert mixed["coverage_p"] > 0.05


def test_without_responsive_cells_there_is_no_curve():
    with pytest.raises(AnalysisError, match="no cell responds"):
        coverage(np.zeros((3, 4), bool), np.arange(4.0), rng())

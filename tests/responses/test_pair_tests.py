from functools import partial

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.responses.responsive.chosen_test import without_own_repeat
from twophoton_decode.responses.responsive.own_null import own_null
from twophoton_decode.responses.responsive.pair_tests import (
    over_other_repeats,
    over_repeats,
    rank_test,
    signed_rank,
    t_test,
)
from twophoton_decode.statistics.image_groups import ImageGroups


def own_null_p(ordered, groups):
    return own_null(ordered, groups, 0.05).p


# Unequal repeats, images in no order.
IMAGE = np.random.default_rng(0).permutation(np.repeat(np.arange(6), [5, 6, 4, 3, 7, 5]))
GROUPS = ImageGroups.of(IMAGE)
CONTINUOUS = np.random.default_rng(1).standard_normal((IMAGE.size, 4)) + 0.3
# Half zeros and many ties, like deconvolved responses.
TIED = np.random.default_rng(2).poisson(0.7, (IMAGE.size, 4)).astype(float)


def rows_of(response, image, cell, without=None):
    keep = image == IMAGE
    if without is not None:
        keep &= np.arange(IMAGE.size) != without
    return response[keep, cell]


def others_of(response, image, cell):
    return response[image != IMAGE, cell]


def expected(response, reference):
    """`reference(image, cell, without)` for every pair, and for every presentation."""
    cells = range(response.shape[1])
    pairs = [[reference(image, cell, None) for cell in cells] for image in range(6)]
    without = [[reference(IMAGE[row], cell, row) for cell in cells] for row in GROUPS.order]
    return np.array(pairs), np.array(without)


def test_t_test_agrees_with_scipy():
    def reference(image, cell, without):
        rows = rows_of(CONTINUOUS, image, cell, without)
        return stats.ttest_1samp(rows, 0, alternative="greater").pvalue

    pairs, without = expected(CONTINUOUS, reference)
    ordered = CONTINUOUS[GROUPS.order]
    np.testing.assert_allclose(over_repeats(t_test, ordered, GROUPS), pairs, rtol=1e-10)
    np.testing.assert_allclose(over_other_repeats(t_test, ordered, GROUPS), without, rtol=1e-10)


def test_signed_rank_agrees_with_scipy():
    def reference(image, cell, without):
        rows = rows_of(CONTINUOUS, image, cell, without)
        return stats.wilcoxon(rows, alternative="greater", method="exact").pvalue

    pairs, without = expected(CONTINUOUS, reference)
    ordered = CONTINUOUS[GROUPS.order]
    np.testing.assert_allclose(over_repeats(signed_rank, ordered, GROUPS), pairs, rtol=1e-10)
    np.testing.assert_allclose(
        over_other_repeats(signed_rank, ordered, GROUPS), without, rtol=1e-10
    )


def test_signed_rank_by_hand():
    values = np.array([[1.0, 0.0, 2.0, -1.0], [2.0, 5.0, 2.0, 0.0], [3.0, 6.0, -2.0, 0.0]])
    # All three positive: 1/8. Zero left out: 1/4. Ties share rank 2: W+ = 4 of 6, P = 3/8.
    # One value, negative: W+ = 0, P = 1.
    np.testing.assert_allclose(signed_rank(values), [1 / 8, 1 / 4, 3 / 8, 1.0])


def test_values_that_never_change():
    values = np.array([[0.0, 2.0, -2.0]] * 4)
    assert t_test(values).tolist() == [1.0, 0.0, 1.0]
    silent = np.zeros((IMAGE.size, 1))
    for test in (rank_test, own_null_p):
        np.testing.assert_allclose(test(silent, GROUPS), 1)
        np.testing.assert_allclose(without_own_repeat(test, silent, GROUPS), 1)


def test_fewer_than_two_repeats_are_undefined():
    groups = ImageGroups.of(np.array([0, 0, 1]))
    ordered = np.array([[3.0], [4.0], [9.0]])
    for test in (t_test, signed_rank):
        assert np.isnan(over_repeats(test, ordered, groups)).ravel().tolist() == [False, True]
        assert np.isnan(over_other_repeats(test, ordered, groups)).all()
    for pairs in (rank_test, own_null_p):
        assert np.isnan(pairs(ordered, groups)).ravel().tolist() == [False, True]
        assert np.isnan(without_own_repeat(pairs, ordered, groups)).all()


@pytest.mark.parametrize(
    "test",
    [
        partial(without_own_repeat, rank_test),
        partial(without_own_repeat, own_null_p),
        partial(over_other_repeats, t_test),
        partial(over_other_repeats, signed_rank),
    ],
)
@pytest.mark.parametrize("row", [0, 7, 29])
def test_a_presentation_left_out_has_no_say(test, row):
    ordered = TIED[GROUPS.order]
    changed = ordered.copy()
    changed[row] += 1000.0
    before, after = test(ordered, GROUPS), test(changed, GROUPS)
    np.testing.assert_array_equal(before[row], after[row])
    assert (before != after).any()

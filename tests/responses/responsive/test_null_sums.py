import itertools

import numpy as np
import pytest

from twophoton_decode.responses.responsive.null_sums import BINS, NullSums

BIN = np.array([[0, 10], [3, 384], [3, 10], [384, 200], [100, 10]])
EVERY = np.ones(BIN.shape, dtype=bool)


def every_sum(bins, repeats):
    """Sums of `repeats` bins drawn with replacement, all of them equally likely."""
    return np.array([sum(drawn) for drawn in itertools.product(bins, repeat=repeats)])


@pytest.mark.parametrize("repeats", [2, 3, 5])
def test_tails_are_those_of_all_possible_sums(repeats):
    sums = np.array([[0, 30], [6, 404], [repeats * BINS, repeats * BINS]])
    p = NullSums.of(BIN, EVERY, repeats).tail(sums)
    for cell in range(2):
        possible = every_sum(BIN[:, cell], repeats)
        expected = [(possible >= value).mean() for value in sums[:, cell]]
        np.testing.assert_allclose(p[:, cell], np.maximum(expected, 1e-15), atol=1e-13)


def test_only_kept_presentations_make_the_null():
    kept = EVERY.copy()
    kept[1] = False
    without = NullSums.of(BIN[[0, 2, 3, 4]], EVERY[1:], 3).chance
    np.testing.assert_allclose(NullSums.of(BIN, kept, 3).chance, without, atol=1e-15)


def test_mean_quantile_and_smallest_significant_sum():
    null = NullSums.of(BIN, EVERY, 2)
    np.testing.assert_allclose(null.mean, 2 * BIN.mean(axis=0))
    for cell in range(2):
        possible = np.sort(every_sum(BIN[:, cell], 2))
        middle = possible[int(np.ceil(0.5 * possible.size)) - 1]
        assert null.quantile(0.5 - 1e-9)[cell] == middle
        smallest = null.smallest_significant(0.05)[cell]
        assert (possible >= smallest).mean() <= 0.05 < (possible >= smallest - 1).mean()


def test_what_exceeds_the_mean_is_divided_by_the_widening():
    null = NullSums.of(BIN, EVERY, 4)
    sums = np.array([[900, 900]])
    shrunk = np.floor(null.mean + (sums - null.mean) / 1.5).astype(int)
    np.testing.assert_array_equal(null.tail(sums, 1.5), null.tail(shrunk))
    assert (null.tail(sums, 1.5) > null.tail(sums)).all()

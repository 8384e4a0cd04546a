import numpy as np
import pytest

from twophoton_decode.responses.clock.pairs import Pairs


def table(image, onset_s, window_s):
    """The weights of all pairs, written out."""
    same = image[:, None] == image
    repeats = (same.sum(axis=1) - 1).mean()
    alike = 0.7 * same / repeats if repeats else 0.0
    weight = alike + (0.3 if repeats else 1.0) / image.size
    return np.where(np.abs(onset_s[:, None] - onset_s) > window_s, weight, 0)


@pytest.mark.parametrize("image", [np.arange(40) % 7, np.arange(40)])
def test_sums_over_pairs_are_those_of_the_table(image):
    rng = np.random.default_rng(0)
    onset_s = np.cumsum(rng.uniform(0.5, 2, 40))
    signal = rng.standard_normal((40, 3, 5))
    weight = table(image, onset_s, 2.0)
    pairs = Pairs.of(image, onset_s, 2.0)
    expected = np.einsum("ij,jlc->ilc", weight, signal)
    np.testing.assert_allclose(pairs.others(signal), expected, atol=1e-5)
    agreement = np.einsum("ilc,ilc->ic", expected, signal)
    np.testing.assert_allclose(pairs.agreement(signal), agreement, atol=1e-4)

"""Decoders against the best, image by image."""

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.analyses.decoder_differences import decoder_differences


def scores(images=30, lead=0.1, seed=0):
    rng = np.random.default_rng(seed)
    image = rng.normal(0.3, 0.2, images)
    return {
        "best": image + lead + 0.02 * rng.normal(size=images),
        "second": image + 0.02 * rng.normal(size=images),
        "third": image + 0.02 * rng.normal(size=images),
    }


def test_the_pairing_removes_the_spread_over_images():
    given = scores()
    found = decoder_differences(given, "best", 1000, 0)
    assert list(found) == ["second", "third"]
    assert found["second"].mean == pytest.approx((given["second"] - given["best"]).mean())
    low, high = found["second"].interval
    assert low < found["second"].mean < high < 0
    assert high - low < 0.03


def test_p_is_the_signed_rank_test_corrected_for_the_number_of_decoders():
    given = scores()
    p = [stats.wilcoxon(given[name], given["best"]).pvalue for name in ("second", "third")]
    found = decoder_differences(given, "best", 100, 0)
    expected = max(2 * min(p), max(p))
    assert max(found["second"].p_holm, found["third"].p_holm) == pytest.approx(expected)


def test_equal_decoders_do_not_differ():
    same = np.linspace(0, 1, 10)
    found = decoder_differences({"a": same, "b": same.copy()}, "a", 100, 0)["b"]
    assert (found.mean, found.interval) == (0.0, (0.0, 0.0))
    assert np.isnan(found.p_holm)


def test_one_decoder_has_nothing_to_be_compared_with():
    assert decoder_differences({"a": np.ones(4)}, "a", 100, 0) == {}

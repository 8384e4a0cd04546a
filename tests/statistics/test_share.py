"""Wilson's interval of mean shares, by hand and in its extremes."""

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.statistics.share import share_interval


def test_of_hits_and_misses_it_is_wilsons_of_half_as_many_images():
    hits = np.repeat([1.0, 0.0], [7, 14])
    # 21 images that train each other's decoders tell as much as 10 independent ones.
    found = stats.binomtest(7, 21).proportion_estimate
    t, m = stats.t.ppf(0.975, 20), 10
    middle = (found + t**2 / (2 * m)) / (1 + t**2 / m)
    reach = t / (1 + t**2 / m) * np.sqrt(found * (1 - found) / m + t**2 / (4 * m**2))
    assert share_interval(hits) == pytest.approx((middle - reach, middle + reach))


def test_no_hit_and_all_hits_still_have_width():
    low, high = share_interval(np.zeros(20))
    assert (low, high) == (0.0, pytest.approx(0.3156, abs=1e-4))
    assert share_interval(np.ones(20)) == pytest.approx((1 - high, 1.0))


def test_equal_content_counts_once_and_one_image_has_none():
    share = np.array([0.2, 0.9, 0.4])
    twice = np.repeat(np.arange(3), 2)
    assert share_interval(share[twice], twice) == pytest.approx(share_interval(share))
    assert np.isnan(share_interval(np.array([0.5]))).all()


def test_it_covers_rare_hits():
    """Independent images: at least the nominal rate, since √2 is not needed there."""
    rng = np.random.default_rng(0)
    ends = [share_interval((rng.random(30) < 0.05).astype(float)) for _ in range(300)]
    assert np.mean([low <= 0.05 <= high for low, high in ends]) >= 0.95


@pytest.mark.parametrize("images", [5, 20, 60, 77, 100])
def test_a_share_at_its_end_lies_in_its_interval_exactly(images):
    assert share_interval(np.ones(images))[1] == 1.0
    assert share_interval(np.zeros(images))[0] == 0.0

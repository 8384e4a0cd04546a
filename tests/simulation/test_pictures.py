import numpy as np
import pytest

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.simulation.pictures import _Square, natural_pictures, photographs


@pytest.fixture(scope="module")
def pictures():
    return natural_pictures(40, 32, np.random.default_rng(1))


def test_photographs_are_luminances_of_the_shipped_files():
    found = photographs()
    assert len(found) == 7
    assert all(photo.ndim == 2 and min(photo.shape) >= 300 for photo in found)
    assert all(photo.min() >= 0 and 0.5 < photo.max() <= 1 for photo in found)


def test_pictures_have_equal_mean_and_contrast(pictures):
    assert pictures.shape == (40, 32, 32)
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    np.testing.assert_allclose(pictures.mean((1, 2)), 0.5, atol=0.03)
    np.testing.assert_allclose(pictures.std((1, 2)), 0.2, atol=0.03)


def test_no_two_pictures_are_near_duplicates(pictures):
    correlation = np.corrcoef(pictures.reshape(40, -1))
    # Cutting at 0 and 1 changes correlations slightly.
    assert (correlation - np.eye(40)).max() < 0.81


def test_no_two_pictures_share_much_of_a_photograph():
    small, large = _Square(0, 10, 10, 20), _Square(0, 20, 20, 40)
    assert small.shared(large) == large.shared(small) == 100 / 400
    assert small.shared(_Square(0, 30, 10, 20)) == 0
    assert small.shared(_Square(1, 10, 10, 20)) == 0
    with pytest.raises(StimulusImageError, match=r"overlaps up to 0\.0 .* gave \d"):
        natural_pictures(60, 16, np.random.default_rng(0), crop_px=(280, 300), largest_overlap=0.0)


def test_coarse_content_dominates_as_in_nature(pictures):
    power = (np.abs(np.fft.rfft(pictures - pictures.mean((1, 2), keepdims=True))) ** 2).mean((0, 1))
    assert power[1] > 5 * power[4] > 15 * power[16]


def test_the_generator_decides_alone(pictures):
    again = natural_pictures(40, 32, np.random.default_rng(1))
    other = natural_pictures(40, 32, np.random.default_rng(2))
    np.testing.assert_array_equal(again, pictures)
    assert not np.array_equal(other, pictures)


def test_too_many_distinct_pictures_are_refused_with_what_was_found():
    with pytest.raises(StimulusImageError, match=r"8 pictures .* below 0\.001 .* gave \d"):
        natural_pictures(8, 16, np.random.default_rng(0), largest_correlation=0.001)

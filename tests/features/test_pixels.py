import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.registry import FEATURE_SPACES


@given(height=st.integers(1, 9), width=st.integers(1, 9), seed=st.integers(0, 99))
def test_pixels_come_back_unchanged(height, width, seed):
    space = FeatureSpace((height, width))
    pictures = np.random.default_rng(seed).standard_normal((4, height, width))
    prepared = space.prepare(pictures)
    np.testing.assert_array_equal(prepared, pictures)
    np.testing.assert_array_equal(space.decode(space.encode(prepared)), pictures)


@pytest.mark.parametrize("name", FEATURE_SPACES.names())
def test_every_feature_space_keeps_the_contract(name):
    space = FEATURE_SPACES.load(name)((31, 31))
    pictures = np.random.default_rng(0).standard_normal((5, 31, 31)).astype(np.float32)
    prepared = space.prepare(pictures)
    features = space.encode(prepared)
    assert space.name == name
    assert prepared.shape == (5, *space.shape)
    assert features.shape == (5, space.count)
    back = space.decode(features)
    assert back.shape == prepared.shape
    np.testing.assert_allclose(
        space.decode(features[:1] - 2 * features[1:2]), back[:1] - 2 * back[1:2], atol=1e-9
    )
    np.testing.assert_allclose(
        space.encode(prepared[:1] - 2 * prepared[1:2]), features[:1] - 2 * features[1:2], atol=1e-9
    )


def test_the_feature_spaces_are_known_by_name():
    assert set(FEATURE_SPACES.names()) >= {"gabor", "pixels"}


def test_the_largest_pictures_need_no_matrix_of_all_pixels():
    """65536² numbers would be 34 GB."""
    space = FeatureSpace((256, 256))
    features = np.random.default_rng(0).standard_normal((2, space.count))
    np.testing.assert_array_equal(space.decode(features).reshape(2, -1), features)

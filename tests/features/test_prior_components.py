import numpy as np
import pytest

from twophoton_decode.features.prior_components import FeatureSpace


@pytest.mark.parametrize("shape", [(31, 31), (32, 32), (12, 20)])
def test_components_are_orthonormal_and_ordered_by_variance(shape):
    space = FeatureSpace(shape)
    assert space.shape == shape
    assert space.count == 100
    np.testing.assert_allclose(
        space.decoding_matrix @ space.decoding_matrix.T, np.eye(100), atol=1e-9
    )
    assert np.all(np.diff(space.variance) <= 1e-9)
    assert space.variance[-1] > 0


def test_a_picture_made_of_components_comes_back_unchanged():
    space = FeatureSpace((31, 31))
    features = np.random.default_rng(0).standard_normal((5, 100))
    pictures = space.decode(features)
    assert pictures.shape == (5, 31, 31)
    np.testing.assert_allclose(space.encode(pictures), features, atol=1e-9)


def test_what_is_lost_is_orthogonal_to_the_components():
    space = FeatureSpace((31, 31))
    picture = np.random.default_rng(0).standard_normal((1, 31, 31))
    lost = picture - space.decode(space.encode(picture))
    assert np.abs(lost).max() > 0.1
    np.testing.assert_allclose(space.encode(lost), 0.0, atol=1e-9)


def test_features_of_1_over_f_noise_vary_as_declared_and_are_uncorrelated():
    """Noise with the declared spectrum, made on the doubled plane, seen through the space."""
    side, count = 12, 4000
    fy, fx = np.meshgrid(np.fft.fftfreq(2 * side), np.fft.fftfreq(2 * side), indexing="ij")
    radius = np.hypot(fy, fx)
    radius[0, 0] = 1 / (2 * side)
    white = np.random.default_rng(0).standard_normal((count, 2 * side, 2 * side))
    power = radius**-2.0 / (radius**-2.0).mean()
    noise = np.fft.ifft2(np.fft.fft2(white) * np.sqrt(power)).real[:, :side, :side]
    space = FeatureSpace((side, side))
    features = space.encode(noise)
    np.testing.assert_allclose(features.var(axis=0) / space.variance, 1.0, atol=0.12)
    others = np.corrcoef(features.T)[~np.eye(space.count, dtype=bool)]
    assert np.abs(others).max() < 0.1


def test_a_small_picture_has_one_feature_fewer_than_pixels():
    assert FeatureSpace((4, 4)).count == 15

import numpy as np
import pytest

from twophoton_decode.decoding.decoders import bayes
from twophoton_decode.features import gabor, pixels, prior_components
from twophoton_decode.features._luminance import WithLuminance, shows_luminance


@pytest.mark.parametrize(
    ("kind", "expected"), [(gabor, False), (pixels, True), (prior_components, True)]
)
def test_which_spaces_show_luminance(kind, expected):
    space = kind.FeatureSpace((16, 16))
    assert shows_luminance(space) is expected
    assert (bayes.Decoder.extended(space) is space) is expected


def test_the_mean_pixel_comes_last_and_goes_back_everywhere():
    pattern = gabor.FeatureSpace((32, 32))
    space = WithLuminance(pattern)
    pictures = np.random.default_rng(0).standard_normal((3, 32, 32)) + np.array(
        [[[1]], [[2]], [[5]]]
    )
    features = space.encode(pictures)
    assert features.shape == (3, space.count) == (3, 1249)
    np.testing.assert_allclose(features[:, -1], pictures.mean(axis=(1, 2)))
    back = space.decode(features)
    np.testing.assert_allclose(back.mean(axis=(1, 2)), pictures.mean(axis=(1, 2)))
    uniform = back - pattern.decode(pattern.encode(pictures))
    np.testing.assert_allclose(uniform, np.broadcast_to(features[:, -1, None, None], back.shape))


def test_luminance_has_a_model_and_an_amplitude_of_its_own():
    """The pattern is decoded as if luminance were not there, and luminance as if it were alone."""
    generator = np.random.default_rng(1)
    space = WithLuminance(gabor.FeatureSpace((32, 32)))
    pictures = generator.standard_normal((24, 8, 8)).repeat(4, axis=1).repeat(4, axis=2)
    pictures += generator.standard_normal((24, 1, 1))
    image = np.repeat(np.arange(24), 3)
    features = space.encode(pictures)
    response = features[image][:, -40:] @ generator.standard_normal((40, 9))
    response += 3.0 * generator.standard_normal(response.shape)
    both = bayes.Decoder.for_features(space).fit(response, features[image], groups=image)
    pattern = bayes.Decoder.for_features(space.pattern)
    pattern.fit(response, features[image][:, :-1], groups=image)
    alone = bayes.Decoder().fit(response, features[image][:, -1:], groups=image)
    for n in (1, 3):
        np.testing.assert_allclose(
            both.affine_weights(n)[:, :-1], pattern.affine_weights(n), atol=1e-9
        )
        np.testing.assert_allclose(
            both.affine_weights(n)[:, -1:], alone.affine_weights(n), atol=1e-9
        )
        covariance = both.posterior_factor(n).T @ both.posterior_factor(n)
        expected = alone.posterior_factor(n).T @ alone.posterior_factor(n)
        np.testing.assert_allclose(covariance[-1, -1], expected[0, 0])

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from threadpoolctl import threadpool_limits

from twophoton_decode.encoding import receptive_field
from twophoton_decode.encoding.receptive_field import envelopes, pixel_weights
from twophoton_decode.registry import FEATURE_SPACES

SHAPE = (14, 14)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Threads of linear algebra wait for each other on small matrices, most of all when busy."""
    with threadpool_limits(1, user_api="blas"):
        yield


def smooth_pictures(images, shape=SHAPE, seed=0):
    rng = np.random.default_rng(seed)
    coarse = rng.standard_normal((images, shape[0] + 4, shape[1] + 4))
    for axis in (1, 2):
        coarse = sum(np.roll(coarse, step, axis) for step in range(3))
    return coarse[:, 2:-2, 2:-2] / 9


def gabor(x, y, sd, shape=SHAPE):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    wave = np.cos(2 * np.pi * (columns - x) / (3 * sd))
    return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * sd**2)) * wave


@pytest.mark.parametrize("name", ["gabor", "pixels", "prior-components"])
def test_the_field_is_the_gradient_of_the_modelled_response(name):
    space = FEATURE_SPACES.load(name)((12, 12))
    rng = np.random.default_rng(0)
    weight, pictures = rng.standard_normal((3, space.count)), rng.random((4, *space.shape))
    field = pixel_weights(weight, space)
    modelled = space.encode(pictures) @ weight.T
    np.testing.assert_allclose(np.einsum("iyx,kyx->ik", pictures, field), modelled, atol=1e-8)


def test_the_evidence_is_that_of_gaussian_responses(monkeypatch):
    """At the best noise variance, from the covariance written out."""
    monkeypatch.setattr(receptive_field, "SIGNALS", (0.7,))
    pictures, rng = smooth_pictures(25), np.random.default_rng(1)
    response, repeats = rng.standard_normal((25, 2)), np.ones(25)
    X, Y, outside = receptive_field._rotated(pictures, response, repeats)
    priors = list(receptive_field._priors(SHAPE))[::97]
    found = [receptive_field._log_evidence(X, Y, outside, 25, prior) for prior in priors]
    expected = [
        [gaussian_log_likelihood(pictures, y - y.mean(), prior) for y in response.T]
        for prior in priors
    ]
    difference = np.array(found) - np.array(expected)
    assert np.ptp(difference) < 1e-6
    assert np.ptp(found) > 0.1


def gaussian_log_likelihood(pictures, y, prior):
    rows = (pictures - pictures.mean(axis=0)).reshape(len(pictures), -1)
    along = np.kron(prior.along_y @ prior.along_y.T, prior.along_x @ prior.along_x.T)
    sd = prior.envelope.ravel()
    kernel = rows @ (sd[:, None] * along * sd) @ rows.T
    covariance = 0.7 * kernel / np.trace(kernel) * len(y) + np.eye(len(y))
    scale = y @ np.linalg.solve(covariance, y) / len(y)
    return multivariate_normal(cov=scale * covariance).logpdf(y)


def test_more_images_than_pixels_change_no_evidence():
    pictures = smooth_pictures(60, (5, 6))
    response = np.random.default_rng(0).standard_normal((60, 3))
    X, Y, outside = receptive_field._rotated(pictures, response, np.ones(60))
    assert X.shape == (30, 5, 6)
    centred = [pictures - pictures.mean(0), response - response.mean(0)]
    prior = list(receptive_field._priors((5, 6)))[60]
    short = receptive_field._log_evidence(X, Y, outside, 60, prior)
    long = receptive_field._log_evidence(*centred, np.zeros(3), 60, prior)
    np.testing.assert_allclose(short, long, atol=1e-6)


def test_centres_and_sizes_come_back():
    pictures = smooth_pictures(150)
    truth = [(4.0, 5.0, 1.2), (9.0, 8.0, 1.2), (6.0, 7.0, 2.5)]
    fields = np.stack([gabor(*each) for each in truth])
    response = np.einsum("iyx,kyx->ik", pictures, fields)
    response += 0.2 * response.std() * np.random.default_rng(2).standard_normal(response.shape)
    found = envelopes(pictures, response, np.full(150, 2))
    error = np.hypot(found["centre_x"] - [4, 9, 6], found["centre_y"] - [5, 8, 7])
    assert error.max() < 1.2
    assert (error < 3 * found["centre_sd"]).all()
    sd = np.sqrt(found["area"] / (4 * np.pi))
    np.testing.assert_allclose(sd, [1.2, 1.2, 2.5], rtol=0.35)


def test_noise_has_no_certain_centre():
    pictures = smooth_pictures(60)
    found = envelopes(pictures, np.random.default_rng(3).standard_normal((60, 5)), np.ones(60))
    assert np.median(found["centre_sd"]) > 2.5

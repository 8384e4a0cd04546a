import numpy as np
import pytest
from scipy import integrate, stats

from twophoton_decode.features import _natural_prior
from twophoton_decode.features._natural_prior import learned_variance, natural_components


@pytest.mark.parametrize("shape", [(32, 32), (12, 20)])
def test_components_are_orthonormal(shape):
    found, _ = natural_components(shape)
    assert found.shape == (3, shape[0] * shape[1])
    np.testing.assert_allclose(found @ found.T, np.eye(3), atol=1e-10)


def test_they_are_eigenvectors_of_the_covariance_written_out():
    """The covariance between pixels is the inverse transform of 1/f² at their distance."""
    side = 6
    fy, fx = np.meshgrid(np.fft.fftfreq(2 * side), np.fft.fftfreq(2 * side), indexing="ij")
    radius = np.hypot(fy, fx)
    radius[0, 0] = 1 / (2 * side)
    autocovariance = np.fft.ifft2(radius**-2.0).real
    y, x = np.divmod(np.arange(side * side), side)
    covariance = autocovariance[y[:, None] - y, x[:, None] - x]
    expected = np.linalg.eigh(covariance)[1][:, -3:]
    overlap = natural_components((side, side))[0] @ expected
    np.testing.assert_allclose(np.linalg.svd(overlap, compute_uv=False), 1.0, atol=1e-6)


def test_the_first_is_the_level_and_the_next_two_are_gradients():
    level, *gradients = natural_components((32, 32))[0].reshape(3, 32, 32)
    assert np.all(level > 0) or np.all(level < 0)
    for gradient in gradients:
        np.testing.assert_allclose(gradient[::-1, ::-1], -gradient, atol=1e-6)


def test_few_images_hardly_change_the_variances_and_many_do():
    generator = np.random.default_rng(0)
    expected, true = 1.0 / np.arange(1, 31), np.exp(generator.normal(0, 1, 30))
    true /= np.arange(1, 31)
    error = []
    for count in (10, 1000):
        images = generator.standard_normal((count, 30)) * np.sqrt(true)
        learned = learned_variance(images - images.mean(axis=0), expected)
        error.append(np.abs(np.log(learned / true)).mean())
        seen = np.abs(np.log(images.var(axis=0) / true)).mean()
        assert error[-1] < seen + 0.01
    assert error[1] < 0.1 < error[0]


def test_variances_as_expected_stay_as_expected():
    """Up to the common factor: the images then count little against the prior."""
    generator = np.random.default_rng(1)
    expected = 1.0 / np.arange(1, 101) ** 2
    images = 5.0 * generator.standard_normal((40, 100)) * np.sqrt(expected)
    learned = learned_variance(images - images.mean(axis=0), expected)
    seen = images.var(axis=0)
    off_learned = np.abs(np.log(learned / (25 * expected)))
    assert off_learned.mean() < 0.3 * np.abs(np.log(seen / (25 * expected))).mean()


def test_a_steeper_spectrum_is_found():
    generator = np.random.default_rng(2)
    expected = 1.0 / np.arange(1, 101)
    images = generator.standard_normal((40, 100)) * expected**0.75
    learned = learned_variance(images - images.mean(axis=0), expected)
    slope = np.polyfit(np.log(expected), np.log(learned), 1)[0]
    assert slope == pytest.approx(1.5, abs=0.15)


def test_the_evidence_is_the_integral_over_variances(monkeypatch):
    """The choice between two scales against numerical integration of the likelihood."""
    images = np.array([[0.3], [-1.0], [0.7]])
    monkeypatch.setattr(_natural_prior, "POWERS", np.array([1.0]))
    monkeypatch.setattr(_natural_prior, "CERTAINTIES", np.array([4.0]))
    squares, evidence, learned = (images**2).sum(), [], []

    def likelihood(variance, density):
        """Of three images about their mean, two degrees of freedom."""
        return density(variance) * np.exp(-squares / 2 / variance) / variance

    scales = np.array([0.2, 1.0, 5.0])
    for scale in scales:
        monkeypatch.setattr(_natural_prior, "SCALES", np.array([scale]))
        learned.append(learned_variance(images, np.ones(1))[0])
        expected = scale * squares / 2
        np.testing.assert_allclose(learned[-1], (4 * expected + squares) / 6)
        density = stats.invgamma(2.0, scale=2.0 * expected).pdf
        evidence.append(integrate.quad(likelihood, 0, np.inf, args=(density,))[0])
    monkeypatch.setattr(_natural_prior, "SCALES", scales)
    assert learned_variance(images, np.ones(1))[0] == learned[int(np.argmax(evidence))]


def test_images_that_do_not_vary_leave_the_prior_alone():
    expected = np.array([2.0, 1.0])
    np.testing.assert_array_equal(learned_variance(np.zeros((4, 2)), expected), expected)

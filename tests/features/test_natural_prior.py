import numpy as np
import pytest

from twophoton_decode.features._natural_prior import natural_components


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

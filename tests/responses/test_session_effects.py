import numpy as np
import pytest

from twophoton_decode.responses.session_effects import carry_over, drift


def session(seed, images=60, repeats=40, cells=25):
    """Tuning of every cell, and the images in random order."""
    rng = np.random.default_rng(seed)
    image = np.concatenate([rng.permutation(images) for _ in range(repeats)])
    previous = np.concatenate([[-1], image[:-1]])
    return rng, image, previous, rng.standard_normal((images, cells))


@pytest.mark.parametrize("leak", [-0.5, 0.3])
def test_a_leak_comes_back(leak):
    rng, image, previous, tuning = session(0)
    response = tuning[image] + 0.5 * rng.standard_normal((image.size, 25))
    response[1:] += leak * tuning[previous[1:]]
    expected = leak / np.hypot(leak, 0.5)
    assert carry_over(response, image, previous) == pytest.approx(expected, abs=0.03)
    assert abs(drift(response, image, np.arange(image.size))) < 0.15


def test_independent_presentations_show_neither():
    rng, image, previous, tuning = session(1)
    response = tuning[image] + rng.standard_normal((image.size, 25))
    assert abs(carry_over(response, image, previous)) < 0.03
    assert abs(drift(response, image, 3.0 * np.arange(image.size))) < 0.1


def test_a_falling_signal_drifts():
    _, image, _, tuning = session(2)
    time = np.arange(image.size, dtype=float)
    response = tuning[image] - 0.01 * time[:, None]
    assert drift(response, image, time) == pytest.approx(-1.0)


def test_undefined_without_repeats_and_without_a_known_predecessor():
    rng = np.random.default_rng(3)
    response = rng.standard_normal((8, 4))
    image = np.arange(8)
    assert np.isnan(drift(response, image, np.arange(8.0)))
    assert np.isnan(carry_over(response, image, np.roll(image, 1)))
    # The preceding image was never itself usable.
    twice = np.repeat([0, 2], 4)
    assert np.isnan(carry_over(response, twice, np.full(8, 1)))

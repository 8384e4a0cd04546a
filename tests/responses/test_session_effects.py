import numpy as np
import pytest

from twophoton_decode.responses.session_effects import carry_over, drift, mean_residual


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
    found = carry_over(response, image, previous, rng)
    assert found.over_all == pytest.approx(expected, abs=0.03)
    np.testing.assert_allclose(found.by_cell, expected, atol=0.1)
    assert found.p == 1 / 1000
    assert abs(drift(response, image, np.arange(image.size)).over_all) < 0.15


def test_independent_presentations_show_neither():
    rng, image, previous, tuning = session(1)
    response = tuning[image] + rng.standard_normal((image.size, 25))
    carried = carry_over(response, image, previous, rng)
    drifting = drift(response, image, 3.0 * np.arange(image.size))
    assert abs(carried.over_all) < 0.03
    assert abs(drifting.over_all) < 0.1
    assert min(carried.p, drifting.p) > 0.05


def test_a_falling_signal_drifts():
    _, image, _, tuning = session(2)
    time = np.arange(image.size, dtype=float)
    response = tuning[image] - 0.01 * time[:, None]
    found = drift(response, image, time)
    assert found.over_all == pytest.approx(-1.0)
    np.testing.assert_allclose(found.by_cell, -1.0)
    assert found.p == 1 / image.size


def test_over_all_is_the_correlation_of_all_cells_and_presentations():
    rng, image, previous, tuning = session(4, images=7, repeats=5, cells=6)
    response = tuning[image] + rng.standard_normal((image.size, 6))
    means = np.array([response[image == i].mean(0) for i in range(7)])
    residual, before = (response - means[image])[1:], (means - means.mean(0))[previous[1:]]
    found = carry_over(response, image, previous, rng)
    assert found.over_all == pytest.approx(np.corrcoef(residual.ravel(), before.ravel())[0, 1])
    by_cell = [np.corrcoef(residual[:, k], before[:, k])[0, 1] for k in range(6)]
    np.testing.assert_allclose(found.by_cell, by_cell)


def test_drift_is_compared_with_every_shift_in_time():
    rng, image, _, tuning = session(5, images=5, repeats=6, cells=4)
    time = np.sort(rng.random(image.size))
    response = tuning[image] + rng.standard_normal((image.size, 4))
    found = drift(response, image, time)
    mean = mean_residual(response, image)
    onset = time - np.array([time[image == i].mean() for i in range(5)])[image]
    r = np.array([np.corrcoef(np.roll(mean, lag), onset)[0, 1] for lag in range(image.size)])
    assert found.over_all == pytest.approx(r[0])
    assert found.p == (np.abs(r) >= abs(r[0]) - 1e-12).mean()


def test_undefined_without_repeats_and_without_a_known_predecessor():
    rng = np.random.default_rng(3)
    response = rng.standard_normal((8, 4))
    image = np.arange(8)
    # The preceding image was never itself usable.
    twice = np.repeat([0, 2], 4)
    for found in (
        drift(response, image, np.arange(8.0)),
        drift(response, twice, np.full(8, np.nan)),
        carry_over(response, image, np.roll(image, 1), rng),
        carry_over(response, twice, np.full(8, 1), rng),
        carry_over(np.repeat(response[:2], 4, axis=0), twice, twice, rng),
    ):
        assert np.isnan([found.over_all, found.p, *found.by_cell]).all()

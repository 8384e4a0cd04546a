import numpy as np
import pytest

from twophoton_decode.responses.statistics.session_effects import carry_over, drift


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
    assert found.p < 1e-12


def elsewhere(response, image, t, shown):
    """Mean response to an image over presentations that are neither t nor beside it."""
    far = np.abs(np.arange(image.size) - t) > 1
    return response[far & (image == shown)].mean(axis=0)


def test_over_all_is_the_correlation_of_all_cells_and_presentations():
    rng, image, previous, tuning = session(4, images=7, repeats=5, cells=6)
    response = tuning[image] + rng.standard_normal((image.size, 6))
    means = np.array([response[image == i].mean(0) for i in range(7)])
    residual = (response - means[image])[1:]
    about = response - response.mean(0)
    before = np.array([elsewhere(about, image, t, previous[t]) for t in range(1, image.size)])
    before -= before.mean(0)
    found = carry_over(response, image, previous, rng)
    assert found.over_all == pytest.approx(np.corrcoef(residual.ravel(), before.ravel())[0, 1])
    by_cell = [np.corrcoef(residual[:, k], before[:, k])[0, 1] for k in range(6)]
    np.testing.assert_allclose(found.by_cell, by_cell)


def test_p_of_carry_over_compares_with_the_following_image():
    rng, image, previous, tuning = session(6, images=6, repeats=5, cells=3)
    response = tuning[image] + rng.standard_normal((image.size, 3))
    previous[7] = -1  # after a blank
    residual = response - np.array([response[image == i].mean(0) for i in range(6)])[image]
    about = response - response.mean(0)

    def difference(label):
        total = 0.0
        for t in range(1, image.size - 1):
            if previous[t] < 0 or previous[t + 1] < 0:
                continue
            before, after = (elsewhere(about, image, t, label[image[u]]) for u in (t - 1, t + 1))
            total += residual[t] @ (before - after)
        return total

    found = carry_over(response, image, previous, np.random.default_rng(3))
    generator = np.random.default_rng(3)
    chance = np.array([difference(generator.permutation(6)) for _ in range(999)])
    true = abs(difference(np.arange(6)))
    assert found.p == (1 + (np.abs(chance) >= true - 1e-9).sum()) / 1000


@pytest.mark.parametrize(("order", "correlation"), [("blocks", 0.8), ("random", 0.95)])
def test_slow_noise_is_no_carry_over(order, correlation):
    """Where the presentation itself was in the mean, 95 % of these were significant."""
    p = []
    for seed in range(40):
        rng, image, previous, tuning = session(seed, images=15, repeats=6, cells=10)
        if order == "random":
            image = rng.permutation(image)
            previous = np.concatenate([[-1], image[:-1]])
        noise = slow_noise(rng, image.size, 10, correlation)
        p.append(carry_over(tuning[image] + noise, image, previous, rng).p)
    assert np.mean(np.array(p) <= 0.05) <= 0.1


def slow_noise(rng, count, cells, correlation):
    """First-order autoregression of variance 1, (count, cells)."""
    noise = rng.standard_normal((count, cells))
    for t in range(1, count):
        noise[t] = correlation * noise[t - 1] + np.sqrt(1 - correlation**2) * noise[t]
    return noise


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

"""Two stages of vision: each cell's response from its definition."""

import numpy as np
import pytest

from twophoton_decode.simulation.areas import higher_rates, noisy_trials, v1_rates, z_scored
from twophoton_decode.simulation.population import GaborFields, receptive_fields


def test_fields_are_the_same_as_before_and_pairs_are_a_quarter_cycle_apart():
    drawn = GaborFields.drawn(40, 32, 0.5, np.random.default_rng(0))
    same = receptive_fields(40, 32, 0.5, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn.fields(), same)
    np.testing.assert_allclose(drawn.fields(np.pi), -same, atol=1e-12)
    overlap = np.abs((drawn.fields() * drawn.fields(np.pi / 2)).sum(axis=(1, 2)))
    assert np.median(overlap) < 0.15


def test_v1_cells_follow_their_definition():
    rng = np.random.default_rng(1)
    pictures = rng.random((30, 24, 24))
    rates = v1_rates(pictures, 60, np.random.default_rng(5))
    again = np.random.default_rng(5)
    gabors = GaborFields.drawn(60, 24, 0.5, again)
    is_complex = again.permutation(60) < 21
    rows = (pictures - pictures.mean(axis=0)).reshape(30, -1)
    a = rows @ gabors.fields().reshape(60, -1).T
    b = rows @ gabors.fields(np.pi / 2).reshape(60, -1).T
    drive = np.empty((30, 60))
    for cell in range(60):
        for image in range(30):
            x = a[image, cell]
            drive[image, cell] = (
                np.sqrt(x**2 + b[image, cell] ** 2) if is_complex[cell] else max(x, 0) + 0.15 * x
            )
    own = np.sqrt((drive[:, 7] ** 2).mean())
    common = np.sqrt((drive[4] ** 2).mean())
    assert rates[4, 7] == pytest.approx(drive[4, 7] / (0.35 * own + 0.65 * common))


def test_higher_cells_mix_six_channels_of_one_patch():
    rng = np.random.default_rng(2)
    layer = rng.normal(size=(40, 12, 9, 9))
    rates = higher_rates(layer, 50, rng)
    assert rates.min() == 0
    # Half-rectified sums of normal numbers are silent for about half of the pictures.
    assert 0.35 < (rates == 0).mean() < 0.65
    one = np.zeros_like(layer)
    one[:, :, :3, :3] = layer[:, :, :3, :3]
    only = higher_rates(one[:, :, :3, :3], 1, np.random.default_rng(0))[:, 0]
    patch = z_scored(layer[:, :, :3, :3].mean(axis=(2, 3)))
    generator = np.random.default_rng(0)
    generator.integers(1), generator.integers(1)
    chosen = generator.choice(12, 6, replace=False)
    expected = np.maximum(patch[:, chosen] @ generator.normal(size=6), 0)
    np.testing.assert_allclose(only, expected, atol=1e-9)


def test_trials_are_mean_responses_and_noise_of_one_and_a_half_sd():
    rates = np.random.default_rng(3).gamma(2, 3, (200, 30))
    response, image = noisy_trials(rates, 5, np.random.default_rng(4))
    assert response.shape == (1000, 30)
    noise = response - z_scored(rates)[image]
    assert noise.std() == pytest.approx(1.5, rel=0.02)
    np.testing.assert_allclose(z_scored(np.ones((4, 2))), 0)

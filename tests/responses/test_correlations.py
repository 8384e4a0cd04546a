"""Noise and signal correlations: known structure comes back, and the two do not mix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twophoton_decode.responses.statistics import correlations
from twophoton_decode.responses.statistics.correlations import pair_correlations


def population(seed, *, cells=30, images=40, repeats=12, shared=0.0, tuning=1.0):
    """Independent tuning; noise of variance one of which `shared` is common to all cells."""
    rng = np.random.default_rng(seed)
    image = rng.permutation(np.repeat(np.arange(images), repeats))
    common = rng.normal(size=(image.size, 1))
    noise = np.sqrt(1 - shared) * rng.normal(size=(image.size, cells))
    response = tuning * rng.normal(size=(images, cells))[image] + noise + np.sqrt(shared) * common
    return response, image, rng


def found(response, image, rng, place=None):
    return pair_correlations(response, image, rng, place)


def test_shared_noise_comes_back_and_shuffling_removes_it():
    result = found(*population(0, shared=0.3))
    assert result["noise_correlation"].mean() == pytest.approx(0.3, abs=0.05)
    low, high = result["noise_correlation_ci95"]
    assert low < result["noise_correlation"].mean() < high
    assert abs(result["shuffled_noise_correlation"]) < 0.01
    assert result["noise_pairs"].sum() == result["shuffled_pairs"].sum() == 30 * 29 / 2


def test_shared_noise_does_not_pass_for_signal():
    response, image, rng = population(1, shared=0.8, images=400, repeats=2)
    result = found(response, image, rng)
    assert abs(np.mean(result["signal_correlation"])) < 0.04
    # The plain correlation of trial averages takes noise for signal.
    means = np.array([response[image == i].mean(0) for i in range(400)])
    assert np.corrcoef(means.T)[np.triu_indices(30, 1)].mean() > 0.2


def test_noise_correlation_is_numpys_over_residuals():
    response, image, rng = population(2, cells=6, images=8, repeats=5, shared=0.4)
    residual = response - np.array([response[image == i].mean(0) for i in range(8)])[image]
    r = np.corrcoef(residual.T)
    result = found(response, image, rng)
    np.testing.assert_allclose(result["noise_correlation"], (r.sum(1) - 1) / 5)
    expected = np.histogram(r[np.triu_indices(6, 1)], result["correlation_edge"])[0]
    np.testing.assert_array_equal(result["noise_pairs"], expected)


def test_alike_cells_that_share_noise_are_seen_to():
    rng = np.random.default_rng(3)
    image = np.tile(np.arange(30), 10)
    group = np.arange(24) % 3
    signal, noise = rng.normal(size=(30, 3)), rng.normal(size=(image.size, 3))
    private = rng.normal(size=(2, image.size, 24))
    response = signal[image][:, group] + noise[:, group] + private.sum(axis=0) / 2
    result = found(response, image, rng)
    assert result["signal_noise_correlation"] > 0.9
    assert result["signal_noise_correlation_ci95"][0] > 0.8


def test_noise_that_falls_with_distance():
    rng = np.random.default_rng(4)
    image = np.tile(np.arange(20), 20)
    place = np.stack([np.zeros(40), rng.uniform(0, 200, 40), rng.uniform(0, 200, 40)], axis=1)
    apart = np.hypot(*(column[:, None] - column for column in place[:, 1:].T))
    noise = rng.multivariate_normal(np.zeros(40), np.exp(-apart / 50), size=image.size)
    result = found(noise, image, rng, place)
    assert result["noise_distance_correlation"] < -0.6
    assert result["noise_by_distance"][0] > 0.5 > 0.1 > result["noise_by_distance"][-1]
    edges = result["distance_edge"]
    np.testing.assert_allclose(edges[[0, -1]], [apart[apart > 0].min(), apart.max()])


def test_planes_have_no_distance_between_them():
    response, image, rng = population(5, cells=12)
    place = np.stack([np.arange(12) % 2, np.zeros(12), np.arange(12.0)], axis=1)
    assert found(response, image, rng, place)["distance_edge"].max() == 10
    place[:, 0] = np.arange(12)
    assert found(response, image, rng, place)["noise_by_distance"].size == 0


def test_unequal_repeats_and_constant_cells():
    response, image, rng = population(6, cells=5, images=6, repeats=6, shared=0.5)
    kept = (image != 2) | (np.cumsum(image == 2) == 1)
    response[:, 3] = 7.0
    result = found(response[kept], image[kept], rng)
    assert np.isnan(result["noise_correlation"]).tolist() == [False, False, False, True, False]
    assert result["noise_pairs"].sum() == 6


def test_one_repeat_is_undefined():
    rng = np.random.default_rng(7)
    result = found(rng.normal(size=(9, 4)), np.arange(9), rng)
    assert np.isnan(result["noise_correlation"]).all()
    assert np.isnan([result["signal_noise_correlation"], *result["noise_correlation_ci95"]]).all()
    assert result["noise_pairs"].sum() == result["signal_pairs"].sum() == 0


def test_of_many_cells_some_stand_for_all(monkeypatch):
    response, image, _ = population(8, cells=60, shared=0.3)
    whole = found(response, image, np.random.default_rng(0))
    monkeypatch.setattr(correlations, "CELLS_PAIRED", 25)
    some = found(response, image, np.random.default_rng(0))
    assert some["noise_pairs"].sum() == 25 * 24 / 2
    np.testing.assert_array_equal(some["noise_correlation"], whole["noise_correlation"])


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_scale_and_order_of_cells_do_not_matter(seed, scale):
    response, image, rng = population(seed, cells=5, images=5, repeats=4)
    order = rng.permutation(5)
    plain = found(response, image, np.random.default_rng(seed))
    moved = found(scale * response[:, order] + 3, image, np.random.default_rng(seed))
    for name in ("noise_correlation", "signal_correlation"):
        np.testing.assert_allclose(moved[name], plain[name][order], atol=1e-9)


def test_the_interval_knows_that_all_pairs_share_the_trials():
    """Noise that all cells share moves every pair: new trials, the interval holds the truth."""
    held = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        image = np.tile(np.arange(20), 3)
        noise = rng.normal(size=(60, 1)) + rng.normal(size=(60, 60))
        found = pair_correlations(noise, image, rng)
        low, high = found["noise_correlation_ci95"]
        held.append(low <= 0.5 <= high)
    # Over cells alone it is a fifth as wide, and holds it in two of five recordings.
    assert np.mean(held) > 0.85

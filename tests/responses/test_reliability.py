import numpy as np
import pytest

from twophoton_decode.responses.statistics.reliability import (
    explainable_variance,
    oracle_p,
    oracle_score,
    split_half_reliability,
)
from twophoton_decode.statistics.image_groups import ImageGroups


def shown(images, repeats):
    return np.tile(np.arange(images), repeats)


def test_noise_free_tuning_is_perfectly_reliable():
    image = shown(10, 4)
    tuning = np.random.default_rng(0).standard_normal((10, 3))
    reliability = split_half_reliability(tuning[image], image, np.random.default_rng(1))
    np.testing.assert_allclose(reliability, 1.0, rtol=1e-12)
    np.testing.assert_allclose(explainable_variance(tuning[image], image), 1.0, rtol=1e-12)


def test_signal_and_noise_come_back():
    # Signal variance 1, noise variance 3: of the mean over 12 repeats 1 / (1 + 3/12) is signal.
    rng = np.random.default_rng(2)
    image = shown(400, 12)
    response = rng.standard_normal((400, 30))[image] + 3**0.5 * rng.standard_normal((4800, 30))
    reliability = split_half_reliability(response, image, rng)
    assert reliability.mean() == pytest.approx(0.8, abs=0.01)
    assert explainable_variance(response, image).mean() == pytest.approx(0.25, abs=0.01)


def test_noise_alone_is_not_reliable():
    rng = np.random.default_rng(3)
    image = shown(100, 6)
    response = rng.standard_normal((600, 80))
    assert abs(split_half_reliability(response, image, rng).mean()) < 0.06
    assert abs(explainable_variance(response, image).mean()) < 0.01


def test_two_repeats_are_one_split():
    rng = np.random.default_rng(4)
    image = shown(20, 2)
    response = rng.standard_normal((20, 1))[image] + 0.5 * rng.standard_normal((40, 1))
    r = np.corrcoef(response[:20, 0], response[20:, 0])[0, 1]
    reliability = split_half_reliability(response, image, rng, splits=200)
    # Which repeat falls into which half is chosen per image, so r varies a little.
    assert reliability[0] == pytest.approx(2 * r / (1 + r), abs=0.05)


def test_unequal_repeats_leave_out_what_was_shown_once():
    rng = np.random.default_rng(5)
    image = np.concatenate([shown(8, 3), [8, 9]])
    response = rng.standard_normal((10, 2))[image]
    response[-2:] = 1e6
    reliability = split_half_reliability(response, image, np.random.default_rng(0))
    np.testing.assert_allclose(reliability, 1.0, rtol=1e-9)


def test_negative_correlations_are_not_corrected():
    image = shown(3, 2)
    # Every repeat contradicts the other one: r is below zero whichever way they are divided.
    response = np.array([[0.0], [1.0], [5.0], [9.0], [8.0], [4.0]])
    value = split_half_reliability(response, image, np.random.default_rng(0))[0]
    assert -1.0 <= value < 0


def test_undefined_values_are_nan():
    image = shown(5, 1)
    response = np.random.default_rng(6).standard_normal((5, 2))
    assert np.isnan(split_half_reliability(response, image, np.random.default_rng(0))).all()
    assert np.isnan(explainable_variance(response, image)).all()
    constant = np.zeros((10, 2))
    assert np.isnan(explainable_variance(constant, shown(5, 2))).all()
    assert np.isnan(split_half_reliability(constant, shown(5, 2), np.random.default_rng(0))).all()


def test_groups_keep_presentations_of_an_image_together():
    groups = ImageGroups.of(np.array([2, 0, 2, 7]))
    assert groups.order.tolist() == [1, 0, 2, 3]
    assert groups.of_row.tolist() == [0, 1, 1, 2]
    assert (groups.start.tolist(), groups.count.tolist()) == ([0, 1, 3], [1, 2, 1])
    rows = np.array([[1.0], [2.0], [4.0], [8.0]])
    assert groups.sums(rows).tolist() == [[1.0], [6.0], [8.0]]
    assert groups.means(rows).tolist() == [[1.0], [3.0], [8.0]]
    assert groups.deviations(rows).tolist() == [[0.0], [-1.0], [1.0], [0.0]]


def test_oracle_is_the_correlation_with_the_mean_of_the_other_trials():
    rng = np.random.default_rng(8)
    image = np.array([0, 0, 1, 1, 1, 2, 3, 3])
    response = rng.normal(size=(8, 3)) + image[:, None]
    response[:, 2] = 1.0
    kept = np.flatnonzero(image != 2)
    others = [response[(image == image[t]) & (np.arange(8) != t)].mean(0) for t in kept]
    expected = [np.corrcoef(response[kept, k], np.array(others)[:, k])[0, 1] for k in range(2)]
    np.testing.assert_allclose(oracle_score(response, image), [*expected, np.nan])


def test_noise_has_no_oracle_and_one_repeat_none_at_all():
    rng = np.random.default_rng(9)
    noise = oracle_score(rng.normal(size=(600, 200)), np.arange(600) % 60)
    assert noise.mean() == pytest.approx(0, abs=0.02)
    assert np.isnan(oracle_score(rng.normal(size=(6, 2)), np.arange(6))).all()


def test_cells_that_share_noise_and_ignore_images_have_no_oracle():
    """A test over cells against zero is wrong in half of these recordings."""
    p = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        image = np.concatenate([rng.permutation(15) for _ in range(4)])
        response = rng.normal(size=(60, 1)) + rng.normal(size=(60, 20))
        p.append(oracle_p(response, image, rng))
    assert np.count_nonzero(np.array(p) <= 0.05) <= 5
    assert max(p) > 0.5


def test_cells_that_follow_the_images_have_one():
    rng = np.random.default_rng(0)
    image = np.tile(np.arange(15), 4)
    response = rng.normal(size=(15, 20))[image] + rng.normal(size=(60, 20))
    assert oracle_p(response, image, rng) == 1 / 200
    assert np.isnan(oracle_p(np.zeros((60, 2)), image, rng))
    assert np.isnan(oracle_p(response[:15], image[:15], rng))

import numpy as np
import pytest
from simulated_trials import trials

from twophoton_decode.decoding.fitting.selected_features import permutation_z, selected_features
from twophoton_decode.decoding.fitting.training import TrainingResponses


def made(**options):
    response, image, pictures = trials(**options)
    training = TrainingResponses(response, image, image)
    return training, pictures - training.mean_target(pictures)


def test_z_is_the_covariance_over_its_spread_under_permuted_images():
    """Exact variance of a permuted sum, checked by permuting many times."""
    training, targets = made(repeats=np.array([1, 2, 3, 4, 5, 6] * 2), pixels=2, cells=3)
    R = training.centred
    generator = np.random.default_rng(0)
    draws = np.stack(
        [R.T @ targets[generator.permutation(12)][training.target] for _ in range(4000)]
    )
    covariance = R.T @ targets[training.target]
    expected = covariance / draws.std(axis=0)
    np.testing.assert_allclose(permutation_z(training, targets), expected, rtol=0.05)


def test_equal_repeats_give_the_correlation_with_the_mean_response():
    training, targets = made()
    means = training.target_sums / 4
    expected = np.corrcoef(means.T, targets.T)[:7, 7:] * np.sqrt(11)
    np.testing.assert_allclose(permutation_z(training, targets), expected, atol=1e-10)


def test_more_repeats_of_the_same_responses_select_no_more():
    """Presentations are not evidence of their own: images are."""
    training, targets = made()
    tripled = TrainingResponses(
        np.tile(training.responses, (3, 1)), np.tile(training.target, 3), np.tile(training.group, 3)
    )
    np.testing.assert_allclose(permutation_z(tripled, targets), permutation_z(training, targets))


def test_constant_cells_and_features_are_never_selected():
    response, image, pictures = trials()
    response[:, 2] = 0.1
    pictures[:, 4] = 0.3
    training = TrainingResponses(response, image, image)
    selected = selected_features(training, pictures - training.mean_target(pictures), 0.0)
    assert not selected[2].any()
    assert not selected[:, 4].any()
    assert selected[np.arange(7) != 2][:, np.arange(9) != 4].all()


def test_unrelated_cells_pass_as_often_as_the_normal_law_says():
    generator = np.random.default_rng(1)
    response, image = generator.standard_normal((400, 60)), np.repeat(np.arange(100), 4)
    targets = generator.standard_normal((100, 80))
    training = TrainingResponses(response, image, image)
    selected = selected_features(training, targets - targets.mean(axis=0), 2.0)
    assert selected.mean() == pytest.approx(0.0455, abs=0.01)

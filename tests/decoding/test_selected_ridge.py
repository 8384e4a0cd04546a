import numpy as np
import pytest
from simulated_trials import trials
from sklearn.linear_model import Ridge

from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.encoding.selected_ridge import (
    STRENGTHS,
    Regression,
    chosen_strength,
    training_part,
)

THRESHOLD = 0.5


def unequal(**options):
    repeats = np.array([1, 2, 3, 4, 5, 6] * 2)
    response, image, pictures = trials(repeats=repeats, **options)
    return TrainingResponses(response, image, image), pictures


def test_weights_are_those_of_ridge_on_single_trials():
    training, features = unequal()
    model = Regression.of(training, features).fit(THRESHOLD, 0.3)
    assert model.selected.any(axis=1).all()
    shown = features[training.target]
    for cell, (selected, strength) in enumerate(zip(model.selected, model.strength, strict=True)):
        ridge = Ridge(alpha=strength).fit(shown[:, selected], training.responses[:, cell])
        np.testing.assert_allclose(model.weight[cell, selected], ridge.coef_, atol=1e-7)
        predicted = ridge.predict(features[:, selected]) - training.mean[cell]
        np.testing.assert_allclose(model.deviation(features)[:, cell], predicted, atol=1e-7)
    assert not model.weight[~model.selected].any()


def test_the_strength_is_relative_to_the_mean_eigenvalue_of_the_kernel():
    training, features = unequal()
    regression = Regression.of(training, features)
    model = regression.fit(THRESHOLD, 0.3)
    X = regression.features[model.selected[0]]
    assert model.strength[0] == pytest.approx(0.3 * np.linalg.eigvalsh(X.T @ X).mean())


@pytest.mark.parametrize("pixels", [9, 40])
def test_paths_hold_the_prediction_at_every_strength(pixels):
    """In the primal with few features, in the dual with many."""
    training, features = unequal(pixels=pixels)
    regression, others = Regression.of(training, features), np.eye(pixels)[:4]
    cells = np.array([0, 3])
    paths = regression.paths(cells, others, THRESHOLD)
    for strength, predicted in zip(STRENGTHS, paths, strict=True):
        expected = regression.fit(THRESHOLD, strength).deviation(others)[:, cells]
        np.testing.assert_allclose(predicted, expected, atol=1e-6)


def test_a_cell_without_features_predicts_nothing():
    training, features = unequal()
    regression = Regression.of(training, features)
    model = regression.fit(1e9, 1.0)
    assert np.isnan(model.strength).all()
    assert not model.deviation(features).any()
    assert not regression.paths(np.array([0]), features, 1e9).any()


def test_noisy_responses_get_a_stronger_penalty_than_clean_ones():
    clean, features = unequal(noise=0.01, dimensions=3)
    noisy, _ = unequal(noise=20.0, dimensions=3)
    strengths = [chosen_strength(each, features, 0.0, seed=0) for each in (clean, noisy)]
    assert strengths[0] <= 0.1 < 10 < strengths[1]


def test_a_constant_cell_has_no_say_in_the_strength():
    noisy, features = unequal(noise=20.0, dimensions=3)
    constant = np.full((len(noisy.responses), 1), 0.25)
    more = training_part(
        np.hstack([noisy.responses, constant]),
        noisy.target,
        np.ones(len(features), dtype=bool),
        np.arange(len(features)),
    )
    strength = chosen_strength(more, features, 0.0, seed=0)
    assert strength == chosen_strength(noisy, features, 0.0, seed=0) > 10


def test_a_training_part_has_only_the_known_images_renumbered():
    response, image, _ = trials()
    known = np.arange(12) % 3 > 0
    part = training_part(response, image, known, np.arange(len(known)))
    assert part.presentations == 32
    np.testing.assert_array_equal(part.responses, response[known[image]])
    np.testing.assert_array_equal(np.flatnonzero(known)[part.target], image[known[image]])


def test_inner_folds_keep_near_duplicates_together():
    """Copies with the same responses: kept apart, the weakest penalty would always seem best."""
    rng = np.random.default_rng(0)
    features = np.tile(rng.standard_normal((15, 60)), (2, 1))
    response = np.tile(rng.standard_normal((15, 8)), (2, 1))
    image, known = np.arange(30), np.ones(30, dtype=bool)
    apart = training_part(response, image, known, image)
    together = training_part(response, image, known, image % 15)
    assert chosen_strength(apart, features, 0.0, seed=0) < 0.1
    assert chosen_strength(together, features, 0.0, seed=0) > 1


def test_a_training_part_renumbers_groups():
    response, image, _ = trials()
    content = np.array([0, 1, 2, 3, 1, 5, 0, 2, 8, 9, 10, 11])
    part = training_part(response, image, np.arange(12) > 3, content)
    expected = {4: 1, 5: 3, 6: 0, 7: 2, 8: 4, 9: 5, 10: 6, 11: 7}
    np.testing.assert_array_equal(part.group_of_target, list(expected.values()))
    np.testing.assert_array_equal(part.group, part.group_of_target[part.target])

"""Fitting error: least squares by hand, and weights of the right fold."""

import dataclasses

import numpy as np
import pytest
from hand_made_records import random_recording, responses_of
from scipy import stats

from twophoton_decode.analyses.complementarity.fitting_error import fitting_error, unfitted
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import AnalysisError
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.settings import DecodingSettings

SPACE = FeatureSpace((5, 5))


def by_least_squares(target, weights):
    left = target - weights.T @ np.linalg.lstsq(weights.T, target, rcond=None)[0]
    return 100 * (left @ left) / (target @ target)


def run(made, responsive, seed=0, space=SPACE):
    return fitting_error(made, space, responsive, rng=np.random.default_rng(seed))


def test_orthogonal_weights_leave_what_they_do_not_reach():
    targets = np.array([[3.0, 4.0, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]])
    left = unfitted(targets, np.array([[[2.0, 0.0, 0.0]], [[0.0, 0.0, 5.0]]]))
    np.testing.assert_allclose(left[:, :2], [[64, 100], [100, 0]], atol=1e-3)
    assert np.isnan(left[:, 2]).all()


@pytest.mark.parametrize("cells", [1, 4, 7])
def test_errors_are_those_of_least_squares(cells):
    rng = np.random.default_rng(cells)
    targets, weights = rng.normal(size=(3, 10)), rng.normal(size=(2, cells, 10))
    expected = [[by_least_squares(t, w) for t in targets] for w in weights]
    np.testing.assert_allclose(unfitted(targets, weights), expected, rtol=1e-3)


def test_dependent_weights_and_more_cells_than_features():
    rng = np.random.default_rng(0)
    target, weights = rng.normal(size=(1, 10)), rng.normal(size=(3, 10))
    twice = np.concatenate([weights, weights])
    np.testing.assert_allclose(
        unfitted(target, twice[None]), unfitted(target, weights[None]), rtol=1e-4
    )
    np.testing.assert_allclose(unfitted(target, rng.normal(size=(1, 30, 10))), 0, atol=1e-3)
    flat = np.concatenate([rng.normal(size=(30, 9)), np.zeros((30, 1))], axis=1)
    expected = 100 * target[0, -1] ** 2 / (target @ target.T).item()
    np.testing.assert_allclose(unfitted(target, flat[None])[0, 0], expected, rtol=1e-3)


def test_each_image_is_fitted_by_the_weights_that_never_saw_it():
    rng = np.random.default_rng(1)
    made, _ = random_recording(rng)
    responsive = rng.random((12, 8)) < 0.4
    responsive[0] = True
    found = run(made, responsive)
    for image in range(8):
        fold = made.fold[image]
        target = (made.picture[image] - made.mean_picture[fold]).ravel().astype(float)
        weights = np.asarray(made.reverse_filter[fold], float)
        cells = responsive[:, image]
        np.testing.assert_allclose(
            found["fitting_error"][image], by_least_squares(target, weights[cells]), rtol=1e-3
        )
        np.testing.assert_allclose(
            found["fitting_error_all"][image], by_least_squares(target, weights), rtol=1e-3
        )
    np.testing.assert_array_equal(found["fitting_cells"], responsive.sum(axis=0))
    other = np.array(made.reverse_filter)
    other[0] = 7.0
    changed = run(dataclasses.replace(made, reverse_filter=other), responsive)
    kept = made.fold != 0
    np.testing.assert_array_equal(changed["fitting_error"][kept], found["fitting_error"][kept])


def test_responsive_cells_that_carry_the_image_leave_less_than_others():
    rng = np.random.default_rng(2)
    made, _ = random_recording(rng, cells=30, images=12, side=6)
    responsive = np.zeros((30, 12), bool)
    filters = np.array(made.reverse_filter)
    for image in range(12):
        cells = rng.choice(30, 3, replace=False)
        responsive[cells, image] = True
    for image in range(12):
        target = (made.picture[image] - made.mean_picture[made.fold[image]]).ravel()
        filters[made.fold[image], np.flatnonzero(responsive[:, image])[0]] += target
    space = FeatureSpace((6, 6))
    found = run(dataclasses.replace(made, reverse_filter=filters), responsive, space=space)
    assert found["fitting_gain"] > 20
    gain = found["fitting_error_random"] - found["fitting_error"]
    test = stats.ttest_1samp(gain[np.isfinite(gain)], 0)
    assert found["fitting_gain_ci95"] == pytest.approx(tuple(test.confidence_interval()))
    assert found["fitting_p"] < 0.01
    np.testing.assert_allclose(
        found["fitting_gain"],
        np.mean(found["fitting_error_random"] - found["fitting_error"]),
    )


def test_unrelated_cells_fit_no_better_than_others():
    gains = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        made, _ = random_recording(rng, cells=30, images=12, side=6)
        responsive = rng.random((30, 12)) < 0.2
        responsive[0] = True
        gains.append(run(made, responsive, seed, FeatureSpace((6, 6)))["fitting_gain"])
    assert abs(np.mean(gains)) < 4 * np.std(gains) / np.sqrt(20)


def test_cells_without_weights_and_images_without_cells_are_left_out():
    made, _ = random_recording(np.random.default_rng(3))
    filters = np.array(made.reverse_filter)
    filters[:, 4] = 0
    responsive = np.zeros((12, 8), bool)
    responsive[[4, 5], 0] = True
    responsive[4, 1] = True
    found = run(dataclasses.replace(made, reverse_filter=filters), responsive)
    np.testing.assert_array_equal(found["fitting_cells"], [1, 0, 0, 0, 0, 0, 0, 0])
    assert np.isfinite(found["fitting_error"][0])
    assert np.isnan(found["fitting_error"][1:]).all()
    assert np.isfinite(found["fitting_error_all"]).all()


def test_without_responsive_cells_or_others_there_is_nothing_to_compare():
    made, _ = random_recording(np.random.default_rng(4))
    for responsive in (np.zeros((12, 8), bool), np.ones((12, 8), bool)):
        with pytest.raises(AnalysisError, match="responsive cells with weights"):
            run(made, responsive)


def test_cells_that_respond_by_chance_gain_nothing():
    """Noise throughout: the cells that happen to respond most to an image do not show it."""
    gains = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        image = np.repeat(np.arange(15), 3)
        noise = responses_of(rng.normal(size=(45, 20)), image, rng.normal(size=(15, 5, 5)))
        responsive = (noise.averages() > 0.8).T
        settings = DecodingSettings(features="pixels", folds=5, permutations=0, bootstraps=100)
        made = reconstruct(noise, "ridge", settings)
        gains.append(run(made, responsive, seed)["fitting_gain"])
    assert abs(np.mean(gains)) < 4 * np.std(gains) / np.sqrt(10)


def test_more_images_than_fit_are_sampled(monkeypatch):
    monkeypatch.setattr("twophoton_decode.analyses.complementarity.fitting_error.MOST_IMAGES", 2)
    rng = np.random.default_rng(5)
    made, _ = random_recording(rng)
    responsive = rng.random((12, 8)) < 0.3
    responsive[0] = True
    found = run(made, responsive)
    every = monkeypatch.undo() or run(made, responsive)
    known = np.isfinite(found["fitting_error"])
    assert known.sum() == 2
    np.testing.assert_array_equal(found["fitting_error"][known], every["fitting_error"][known])

from dataclasses import replace

import numpy as np
import pytest
from simulated_trials import trials

from twophoton_decode.encoding.prediction import (
    FoldedTrials,
    chance_r,
    median_interval,
    noise_ceiling_r,
    normalised,
    pooled_p,
    prediction_r,
    predictions,
    strengths_of_folds,
)

THRESHOLD = 2.0**0.5


@pytest.fixture(scope="module")
def folded():
    response, image, pictures = trials(images=40, cells=12, pixels=16, dimensions=4)
    return FoldedTrials(
        response, image, pictures, np.arange(40) % 5, np.arange(40), np.zeros(40, int)
    )


def test_cells_that_see_the_images_are_predicted(folded):
    strengths = strengths_of_folds(folded, THRESHOLD, seed=0)
    r = prediction_r(predictions(folded, THRESHOLD, strengths), folded.trial_means())
    assert strengths.shape == (5,)
    assert r.min() > 0.8


def test_responses_to_images_left_out_change_neither_their_prediction_nor_its_strength(folded):
    """Leakage: the strength, the selection, the weights and the means are those of others."""
    test = folded.fold == 2
    altered = folded.response.copy()
    altered[test[folded.image]] = 1e3 * np.random.default_rng(1).standard_normal(12)
    again = replace(folded, response=altered)
    strengths = [strengths_of_folds(each, THRESHOLD, seed=0) for each in (folded, again)]
    assert strengths[0][2] == strengths[1][2]
    fixed = np.ones(5)
    before, after = (predictions(each, THRESHOLD, fixed) for each in (folded, again))
    np.testing.assert_array_equal(before[test], after[test])
    assert np.abs(before[~test] - after[~test]).max() > 1


def test_permuted_images_are_at_chance(folded):
    chance = chance_r(folded, THRESHOLD, np.ones(5), 600, seed=0)
    assert len(chance) >= 600
    assert abs(chance.mean()) < 0.07
    assert abs(chance).max() < 0.75


def test_p_is_uniform_for_cells_that_do_not_see_the_images(folded):
    noise = np.random.default_rng(2).standard_normal((len(folded.image), 60))
    blind = replace(folded, response=noise)
    r = prediction_r(predictions(blind, THRESHOLD, np.ones(5)), blind.trial_means())
    p = pooled_p(r, chance_r(blind, THRESHOLD, np.ones(5), 600, seed=0))
    assert p.mean() == pytest.approx(0.5, abs=0.15)
    assert 0 <= (p < 0.1).mean() < 0.25


def test_without_cells_that_vary_there_is_no_chance(folded):
    constant = replace(folded, response=np.ones_like(folded.response))
    assert chance_r(constant, THRESHOLD, np.ones(5), 100, seed=0).size == 0
    assert np.isnan(pooled_p(np.array([0.2]), np.empty(0))).all()


def test_p_counts_chance_at_least_as_large():
    p = pooled_p(np.array([0.5, 0.3, -1.0, np.nan]), np.array([0.1, 0.3, 0.4]))
    np.testing.assert_allclose(p, [1 / 4, 3 / 4, 1, np.nan])


def test_constant_predictions_score_zero_and_constant_cells_nothing():
    measured = np.array([[1.0, 5.0, 1.0], [2.0, 5.0, 2.0], [3.0, 5.0, 4.0]])
    predicted = np.array([[0.0, 1.0, 2.0], [0.0, 2.0, 4.0], [0.0, 1.0, 8.0]])
    r = prediction_r(predicted, measured)
    np.testing.assert_allclose(r, [0, np.nan, 1])


def test_the_ceiling_is_the_root_of_the_reliability_and_low_ones_do_not_divide():
    ceiling = noise_ceiling_r(np.array([0.64, 0.04, -0.1, np.nan]))
    np.testing.assert_allclose(ceiling, [0.8, 0.2, np.nan, np.nan])
    np.testing.assert_allclose(normalised(np.full(4, 0.4), ceiling), [0.5, *[np.nan] * 3])


def test_the_interval_of_the_median_is_that_of_resampled_images():
    rng = np.random.default_rng(0)
    measured = rng.standard_normal((30, 5))
    predicted = measured + rng.standard_normal((30, 5))
    low, high = median_interval(predicted, measured, np.arange(30), 400, seed=0)
    medians = []
    for _ in range(400):
        drawn = rng.integers(0, 30, 30)
        medians.append(np.median(prediction_r(predicted[drawn], measured[drawn])))
    # t with 14.5 degrees of freedom.
    reach = 2.1379 * 1.2 * np.std(medians)
    middle = np.median(prediction_r(predicted, measured))
    np.testing.assert_allclose([low, high], [middle - reach, middle + reach], atol=0.02)


def test_images_that_show_the_same_are_no_evidence_of_their_own():
    """Every image five times: as wide as that of the images once, not √5 narrower."""
    rng = np.random.default_rng(1)
    measured = rng.standard_normal((24, 6))
    predicted = measured + rng.standard_normal((24, 6))
    once = median_interval(predicted, measured, np.arange(24), 400, seed=0)
    content = np.repeat(np.arange(24)[::-1], 5)
    several = (np.repeat(rows, 5, axis=0) for rows in (predicted, measured))
    np.testing.assert_allclose(median_interval(*several, content, 400, seed=0), once)

"""Cells that carry the picture, in recordings of known truth and against plain refits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_made_records import responses_of
from scipy import stats

from twophoton_decode.analyses.cell_count.encoders import (
    STRENGTHS,
    Predictions,
    leave_one_out_predictors,
)
from twophoton_decode.analyses.cell_count.informative import (
    fewest_nulls,
    informative_cells,
    most_reliable,
    pooled_p,
    reliability_p,
)
from twophoton_decode.responses.incomplete import per_cell

SIDE = 10


def pictures(images, rng):
    """1/f noise, as natural pictures have."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE))
    frequency[0, 0] = np.inf
    return np.fft.irfft2(np.fft.rfft2(rng.normal(size=(images, SIDE, SIDE))) / frequency)


def recording(carriers, rng, *, cells=40, images=50, repeats=4, noise=1.0):
    """The first cells follow the picture through a field of their own, rectified."""
    picture = pictures(images, rng)
    y, x = np.mgrid[:SIDE, :SIDE]
    centre = rng.uniform(2, 8, (2, carriers, 1, 1))
    field = np.exp(-((y - centre[0]) ** 2 + (x - centre[1]) ** 2) / 4)
    drive = np.einsum("iyx,kyx->ik", picture, field)
    drive = np.maximum(drive / np.maximum(drive.std(axis=0), 1e-9), 0)
    image = np.tile(np.arange(images), repeats)
    response = noise * rng.normal(size=(len(image), cells))
    response[:, :carriers] = drive[image] + 0.3 * rng.normal(size=(len(image), carriers))
    return responses_of(response, image, picture)


def test_predictions_are_those_of_ridge_fitted_without_the_image():
    rng = np.random.default_rng(0)
    picture, response = pictures(9, rng), rng.normal(size=(9, 2))
    found = leave_one_out_predictors(picture) @ response
    flat = picture.reshape(9, -1)
    centred = flat - flat.mean(axis=0)
    for s, strength in enumerate(STRENGTHS):
        penalty = strength * np.linalg.eigvalsh(centred @ centred.T).mean()
        for i in range(9):
            kept = np.arange(9) != i
            X, Y = flat[kept] - flat[kept].mean(axis=0), response[kept]
            weights = X.T @ np.linalg.solve(X @ X.T + penalty * np.eye(8), Y - Y.mean(axis=0))
            expected = Y.mean(axis=0) + (flat[i] - flat[kept].mean(axis=0)) @ weights
            np.testing.assert_allclose(found[s, i], expected, rtol=2e-3, atol=1e-4)


def test_an_image_never_predicts_itself():
    predictors = leave_one_out_predictors(pictures(8, np.random.default_rng(1)))
    assert predictors.shape == (9, 8, 8)
    assert not np.einsum("pii->pi", predictors).any()


def test_the_best_r_is_pearsons_and_exchanges_move_all_cells_alike():
    rng = np.random.default_rng(2)
    picture, response = pictures(12, rng), rng.normal(size=(12, 5))
    predictions, order = Predictions(picture, response), rng.permutation(12)
    for given, moved in ((None, response), (order, response[order])):
        made = leave_one_out_predictors(picture) @ moved
        r = [[np.corrcoef(each[:, k], moved[:, k])[0, 1] for k in range(5)] for each in made]
        np.testing.assert_allclose(predictions.best_r(given), np.max(r, axis=0), atol=1e-4)


def test_a_cell_that_never_changes_carries_nothing():
    rng = np.random.default_rng(3)
    response = rng.normal(size=(12, 3))
    response[:, 1] = 0.1
    assert Predictions(pictures(12, rng), response).best_r()[1] == -1


def test_planted_cells_are_found_and_their_number_lies_in_the_interval():
    for seed, carriers in enumerate((5, 15, 40)):
        responses = recording(carriers, np.random.default_rng(seed))
        found = informative_cells(responses, np.arange(50), seed=0)
        assert found.told
        assert found.low <= carriers <= found.high
        assert found.informative[:carriers].sum() >= carriers - 1
        assert found.informative[carriers:].sum() <= 2


def test_no_number_is_told_where_noise_hides_most_reliable_cells():
    """Trial noise of three times the signal: few of 15 cells pass the gate."""
    rng = np.random.default_rng(12)
    responses = recording(15, rng, cells=60, images=60, repeats=5)
    noisy = responses.response.copy()
    noisy[:, :15] += 2.5 * rng.normal(size=(300, 15))
    found = informative_cells(
        responses_of(noisy, responses.image, responses.picture), np.arange(60), seed=0
    )
    assert found.most_reliable > 1.5 * found.reliable.sum()
    assert not found.told


def test_complex_cells_carry_the_picture_too():
    """Energies of two fields a quarter of a period apart, which no linear encoder predicts."""
    rng = np.random.default_rng(4)
    responses = recording(0, rng, images=100, cells=12)
    x = np.arange(SIDE)
    waves = [np.exp(-((x - 4.5) ** 2) / 6) * f(2 * np.pi * x / 5) for f in (np.cos, np.sin)]
    field = [np.outer(np.exp(-((x - 4.5) ** 2) / 6), wave - wave.mean()) for wave in waves]
    energy = np.hypot(*(np.einsum("iyx,yx->i", responses.picture, each) for each in field))
    response = responses.response.copy()
    response[:, 0] = energy[responses.image] / energy.std()
    found = informative_cells(
        responses_of(response, responses.image, responses.picture), np.arange(100), seed=0
    )
    assert found.informative[0]


def test_responses_locked_to_images_but_not_to_content_are_reliable_only():
    rng = np.random.default_rng(5)
    responses = recording(0, rng)
    locked = rng.normal(size=(50, 40))[responses.image] + 0.3 * responses.response
    found = informative_cells(
        responses_of(locked, responses.image, responses.picture), np.arange(50), seed=0
    )
    assert found.reliable.all()
    assert found.informative.sum() <= 2
    assert not found.told


def test_noise_alone_has_uniform_p_and_no_cells():
    p, low = [], []
    for seed in range(6):
        responses = recording(0, np.random.default_rng(100 + seed), images=25, repeats=3)
        found = informative_cells(responses, np.arange(25), seed=seed)
        p.append(found.p)
        low.append(found.low)
        assert not found.told
    assert stats.kstest(np.concatenate(p), "uniform").pvalue > 0.01
    assert max(low) == 0


def test_noise_that_cells_share_does_not_make_them_informative():
    rng = np.random.default_rng(6)
    responses = recording(0, rng, images=25, repeats=2)
    shared = responses.response + 5 * rng.normal(size=(len(responses.image), 1))
    found = informative_cells(
        responses_of(shared, responses.image, responses.picture), np.arange(25), seed=0
    )
    assert found.low == 0


def test_images_of_equal_content_count_as_one():
    """Each picture twice, with noise of its own that both copies share: nothing is carried."""
    rng = np.random.default_rng(7)
    content = np.repeat(np.arange(25), 2)
    locked = rng.normal(size=(25, 40))[content]
    image = np.tile(np.arange(50), 3)
    response = locked[image] + 0.1 * rng.normal(size=(150, 40))
    responses = responses_of(response, image, pictures(25, rng)[content])
    assert informative_cells(responses, content, seed=0).informative.sum() <= 2


def test_too_few_images_tell_nothing():
    responses = recording(2, np.random.default_rng(8), cells=5, images=3)
    found = informative_cells(responses, np.arange(3), seed=0)
    assert (found.count, found.low, found.high, found.told) == (0, 0, 5, False)


def test_without_repeats_every_cell_is_tested():
    responses = recording(15, np.random.default_rng(9), repeats=1)
    found = informative_cells(responses, np.arange(50), seed=0)
    assert found.reliable.all()
    assert found.low > 0


def test_p_is_pooled_over_cells():
    ranked = np.array([0.0, 0.1, 0.1, 0.5])
    np.testing.assert_allclose(pooled_p(np.array([0.6, 0.1, -1.0]), ranked), [1 / 5, 4 / 5, 1.0])


def test_reliability_is_the_analysis_of_variance():
    rng = np.random.default_rng(10)
    unit = np.repeat(np.arange(6), [2, 3, 4, 2, 3, 5])
    response = rng.normal(size=(len(unit), 3)) + 0.5 * unit[:, None]
    expected = [stats.f_oneway(*(c[unit == i] for i in range(6))).pvalue for c in response.T]
    np.testing.assert_allclose(reliability_p(response, unit), expected)


def test_as_few_nulls_as_the_large_p_allow():
    # 40 of 60 above 0.2: 0.8 · 45 + 1.96 √(0.16 · 45) + 0.5 = 41.8; n = 43 gives 40.04.
    p = np.where(np.arange(60) < 40, 0.5, 0.01)
    assert fewest_nulls(p, 1.0) == 43
    assert fewest_nulls(p, 4.0) < 43


def test_reliable_cells_near_the_cut_may_have_as_many_beyond_it():
    nulls = np.linspace(0.025, 1, 40)
    clear = np.concatenate([np.full(10, 1e-12), nulls])
    assert most_reliable(clear, 1.0) == 10
    near = np.concatenate([np.full(5, 1e-12), np.full(5, 0.002), nulls])
    assert most_reliable(near, 1.0) == 15
    # 20 p between the cut and 0.2, where chance makes 8: the cut has missed many.
    missed = np.concatenate([np.full(2, 1e-9), np.full(20, 0.1), np.linspace(0.21, 1, 20)])
    assert most_reliable(missed, 1.0) == 42 - fewest_nulls(missed, 1.0)


def test_no_more_cells_can_be_reliable_than_there_are():
    assert most_reliable(np.full(24, 0.01), 1.0) == 24


@pytest.mark.parametrize("seed", [0, 1])
def test_the_seed_decides_the_permutations(seed):
    responses = recording(5, np.random.default_rng(11), images=20)
    first, again = (informative_cells(responses, np.arange(20), seed) for _ in range(2))
    np.testing.assert_array_equal(first.p, again.p)
    other = informative_cells(responses, np.arange(20), seed + 5)
    assert not np.array_equal(first.p, other.p)


def test_responses_that_were_filled_in_do_not_count():
    """p and r are those of what was measured, whatever stands in the gaps."""
    responses = recording(15, np.random.default_rng(3))
    rng = np.random.default_rng(4)
    filled = rng.random(responses.response.shape) < 0.1
    filled[:50] = False
    # One cell has no response at all to an image.
    filled[responses.image == 2, 0] = True
    found = []
    for value in (0.0, 1e3):
        response = np.where(filled, value, responses.response)
        response[responses.image == 2, 0] = 0.0
        given = dataclasses.replace(responses, response=response, filled=filled)
        found.append(informative_cells(given, np.arange(50), seed=0))
    np.testing.assert_array_equal(found[0].p, found[1].p)
    np.testing.assert_array_equal(found[0].reliable, found[1].reliable)
    own = [responses.response[(responses.image == i) & ~filled[:, 5], 5] for i in range(50)]
    expected = stats.f_oneway(*[group for group in own if len(group)])
    measured = np.where(filled, np.nan, responses.response)
    p = per_cell(reliability_p, measured, responses.image)
    assert p[5] == pytest.approx(expected.pvalue)
    assert found[0].informative[1:15].sum() >= 12

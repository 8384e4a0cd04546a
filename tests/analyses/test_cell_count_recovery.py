"""Known truth comes back: few carriers, many alike, none at all; intervals cover."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from fitted_recording import alike, carried, decoded
from hand_made_records import random_recording, responses_of
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from twophoton_decode.analyses.cell_count.curves import cell_count_curves
from twophoton_decode.analyses.cell_count.enough import bootstrap_count, count_reaching
from twophoton_decode.settings import CellCountSettings
from twophoton_decode.simulation.pictures import natural_pictures
from twophoton_decode.simulation.population import Tuning, population, trial_responses

SETTINGS = CellCountSettings(
    minimum_responsive=2, derangements=200, random_draws=5, refitted_count=8, learning_curves=False
)


def curves_of(responses, reconstruction=None, **changes):
    made = decoded(responses) if reconstruction is None else reconstruction
    settings = SETTINGS.model_copy(update=changes)
    return cell_count_curves(made, responses, settings, bootstraps=300, seed=0)


@pytest.mark.parametrize("carriers", [4, 8])
def test_the_number_of_carriers_lies_in_its_interval(carriers):
    """√((k − 1) / k) < 0.95 for k up to 10: the k carriers of an image are needed, all of them."""
    curves = curves_of(carried(carriers))
    low, high = curves.cells_95_ci95
    assert low <= carriers <= high
    assert high - low <= 2
    # Omitted cells stand at their mean, from which the silent ones differ a little.
    assert curves.r_heldout.mean() - curves.r[:, carriers].mean() < 0.03


def test_where_every_cell_matters_alike_few_are_not_found():
    curves = curves_of(alike())
    assert curves.cells_95_ci95[0] >= 0.8 * 40  # √(n/40) >= 0.95 from n = 36.1 on
    assert np.median(curves.cells_heldout) >= 0.9 * 40
    every = curves.compared_with == "all"
    assert (curves.compared_gain_high[every] < -0.03).all()


def test_the_strongest_are_no_better_than_others_where_every_cell_matters_alike():
    curves = curves_of(alike())
    random = curves.compared_with == "random"
    assert np.abs(curves.compared_gain[random]).max() < 0.1


def test_carriers_beat_as_many_random_cells_and_the_weakest():
    curves = curves_of(carried(8), compared_counts=[8])
    assert curves.compared_with.tolist()[:2] == ["random", "weakest"]
    assert (curves.compared_gain[:2] > 0.4).all()
    assert (curves.compared_p_holm[:2] < 1e-6).all()
    assert (curves.compared_effect[:2] == 1).all()


def visual_cells(carriers):
    """50 simulated visual cells, of which all or few respond to the picture shown."""
    rng = np.random.default_rng(1)
    pictures = natural_pictures(60, 10, rng)
    tuning = Tuning(carriers=carriers)
    drawn = population(pictures, 50, tuning, rng)
    image = np.repeat(np.arange(60), 6)
    response = trial_responses(drawn, image, np.zeros(len(image), bool), tuning, rng).astype(float)
    return responses_of(response, image, pictures, responsive_others=np.zeros_like(response, bool))


def test_few_visual_carriers_are_told_from_many_in_contribution_order():
    """Others respond as strongly but carry nothing, so amplitude alone cannot find them."""
    few, many = (curves_of(visual_cells(carriers)) for carriers in (6, None))
    reach = [count_reaching(curves.r_contribution.mean(axis=0)) for curves in (few, many)]
    assert reach[0] <= 6 < reach[1]
    assert few.cells_95 > 6


def test_permuted_images_leave_every_curve_at_chance():
    responses = carried(6, noise=0.3)
    order = np.random.default_rng(3).permutation(responses.images)
    curves = curves_of(dataclasses.replace(responses, picture=responses.picture[order]))
    names = ("r", "r_weakest", "r_contribution", "r_random", "r_other_order", "r_refitted")
    for name in names:
        r = getattr(curves, name)[:, 1:]
        error = r.std(axis=0) / np.sqrt(len(r))
        assert (np.abs(r.mean(axis=0)) < 4 * error).all(), name
    assert np.isnan(curves.cells_95)


def test_intervals_of_90_per_cent_cover_what_they_should():
    """Images whose curves saturate at their own height and pace; truth from many images."""
    rng = np.random.default_rng(0)
    cells = np.arange(121)

    def draw(images):
        height = rng.normal(0.4, 0.15, (images, 1))
        pace = np.exp(rng.normal(3.2, 0.8, (images, 1)))
        return height * (1 - np.exp(-cells / pace))

    truth = draw(100_000).mean(axis=0)
    count, covered = count_reaching(truth), np.zeros(2)
    for _ in range(500):
        enough, of_r = bootstrap_count(draw(60), cells, np.arange(60), 200, rng, 1.0, level=0.9)
        low, high = enough.interval
        covered += low <= count <= high, of_r[0] <= truth[-1] <= of_r[1]
    # Half of the degrees of freedom make the interval of R a little wide for independent images.
    assert ((covered / 500 > 0.87) & (covered / 500 < 0.945)).all(), covered / 500


@hypothesis_settings(max_examples=5, deadline=None)
@given(st.floats(0.01, 100.0))
def test_the_scale_of_the_responses_does_not_matter(factor):
    reconstruction, responses = random_recording(np.random.default_rng(2))
    plain = curves_of(responses, reconstruction)
    scaled = curves_of(
        dataclasses.replace(responses, response=factor * responses.response),
        dataclasses.replace(
            reconstruction,
            mean_response=factor * reconstruction.mean_response,
            reverse_filter=reconstruction.reverse_filter.astype(float) / factor,
        ),
    )
    for name in ("r", "cd", "r_wrong", "r_contribution", "r_random", "r_weakest", "r_max"):
        np.testing.assert_allclose(
            getattr(scaled, name), getattr(plain, name), rtol=1e-4, atol=1e-5, err_msg=name
        )


@pytest.mark.parametrize("largest", [1, 5, 11])
def test_a_largest_count_shortens_curves_and_changes_nothing_else(largest):
    reconstruction, responses = random_recording(np.random.default_rng(2))
    whole = curves_of(responses, reconstruction)
    short = curves_of(responses, reconstruction, largest_count=largest)
    np.testing.assert_array_equal(short.cells, [*range(largest + 1), 12])
    for name in ("r", "cd", "r_wrong", "r_other_order", "r_contribution", "r_weakest", "r_random"):
        kept = getattr(whole, name)[:, [*range(largest + 1), 12]]
        np.testing.assert_allclose(getattr(short, name), kept, atol=1e-6, err_msg=name)
    for name in ("r_all", "r_responsive", "r_max", "cells_max", "r_max_wrong", "max_gain_wrong"):
        np.testing.assert_allclose(getattr(short, name), getattr(whole, name), atol=1e-9)


def test_more_cells_than_pixels_give_the_same_scores():
    """Filters in more pixels than cells, and the same with pixels of nothing cut away."""
    reconstruction, responses = random_recording(np.random.default_rng(5), cells=30, side=5)
    curves = curves_of(responses, reconstruction)
    image = 3
    trials = np.flatnonzero(responses.image == image)
    fold = reconstruction.fold[image]
    shown = (reconstruction.picture[image] - reconstruction.mean_picture[fold]).ravel()
    r = []
    for t in trials:
        order = np.lexsort((-responses.response[t], ~responses.responsive_others[t]))[:7]
        gain = responses.response[t, order] - reconstruction.mean_response[fold, order]
        r.append(np.corrcoef(gain @ reconstruction.reverse_filter[fold, order], shown)[0, 1])
    assert curves.r[image, 7] == pytest.approx(np.mean(r), abs=1e-6)


def test_images_of_equal_content_are_never_wrong_for_each_other():
    reconstruction, responses = random_recording(np.random.default_rng(7), images=9)
    picture = responses.picture.copy()
    picture[4] = picture[1]
    responses = dataclasses.replace(responses, picture=picture)
    reconstruction = dataclasses.replace(reconstruction, picture=picture)
    curves = curves_of(responses, reconstruction)
    fold = reconstruction.fold[1]
    m = reconstruction.mean_picture[fold]
    trials = np.flatnonzero(responses.image == 1)
    made = (reconstruction.single[trials] - m).reshape(len(trials), -1)
    wrong = [
        np.corrcoef(x, (picture[j] - m).ravel())[0, 1]
        for x in made
        for j in range(9)
        if j not in (1, 4)
    ]
    assert curves.r_all_wrong[1] == pytest.approx(np.mean(wrong), abs=1e-5)

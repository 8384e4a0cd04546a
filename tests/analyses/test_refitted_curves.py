"""Refitted curves against refits by numpy, and against the decoder's own reconstructions."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from fitted_recording import SIDE, carried, decoded

from twophoton_decode.analyses.cell_count.curves import cell_count_curves
from twophoton_decode.analyses.cell_count.order import strongest_first
from twophoton_decode.analyses.cell_count.refits import decoded_pictures, why_not_refitted
from twophoton_decode.analyses.cell_count.refitted import refitted_curves
from twophoton_decode.settings import CellCountSettings

SETTINGS = CellCountSettings(minimum_responsive=2, derangements=200, random_draws=2)


@pytest.fixture(scope="module", params=["ridge", "all-cells"])
def recording(request):
    responses = carried(5, cells=14, images=20, noise=0.4)
    return decoded(responses, request.param, folds=4), responses


def by_lstsq(reconstruction, responses, trial, count):
    """R and CD of a trial, the fold's decoder refitted to its strongest cells by numpy."""
    image = responses.image[trial]
    fold = reconstruction.fold[image]
    train = np.flatnonzero(reconstruction.fold[responses.image] != fold)
    responsive = responses.responsive_others[trial][None]
    cells = strongest_first(responses.response[trial][None], responsive)[0, :count]
    X = responses.response[train][:, cells]
    m = np.asarray(reconstruction.mean_picture[fold], float).ravel()
    pictures = reconstruction.picture.reshape(responses.images, -1).astype(float)
    Y = pictures[responses.image[train]] - m
    strength = np.nan_to_num(reconstruction.strength[fold])
    centred = np.vstack([X - X.mean(axis=0), np.sqrt(strength) * np.eye(count)])
    weights = np.linalg.lstsq(centred, np.vstack([Y, np.zeros((count, SIDE**2))]), rcond=None)[0]
    made = (responses.response[trial, cells] - X.mean(axis=0)) @ weights
    shown = pictures[image] - m
    cd = 1 - ((shown - made) ** 2).sum() / (shown**2).sum()
    return np.corrcoef(made, shown)[0, 1], cd


def test_refits_are_those_of_numpy(recording):
    reconstruction, responses = recording
    r, cd = refitted_curves(reconstruction, responses, decoded_pictures(reconstruction), 9)
    for image in (0, 7, 13):
        trials = np.flatnonzero(responses.image == image)
        for count in (1, 4, 9):
            expected = [by_lstsq(reconstruction, responses, t, count) for t in trials]
            found = r[image, count], cd[image, count]
            np.testing.assert_allclose(found, np.mean(expected, axis=0), atol=1e-6)
    assert not r[:, 0].any()


def test_every_cell_gives_the_decoders_own_reconstruction(recording):
    curves = cell_count_curves(*recording, SETTINGS, bootstraps=100, seed=0)
    np.testing.assert_array_equal(curves.refitted_cells, np.arange(15))
    np.testing.assert_allclose(curves.r_refitted[:, -1], curves.r_all, atol=1e-5)
    np.testing.assert_allclose(curves.cd_refitted[:, -1], curves.cd[:, -1], atol=1e-5)


def test_all_training_data_give_the_decoders_own_reconstruction(recording):
    curves = cell_count_curves(*recording, SETTINGS, bootstraps=100, seed=0)
    whole = np.flatnonzero((curves.learning_images == 15) & (curves.learning_repeats == 4))
    assert len(whole) == 1
    np.testing.assert_allclose(curves.r_learning[:, whole[0]], curves.r_all, atol=1e-5)


def test_weights_are_fitted_to_images_through_the_features_and_back():
    """Features that halve the images halve the reconstructions."""
    responses = carried(5, cells=10, images=12, noise=0.4)
    reconstruction = decoded(responses, folds=3)
    halves = dataclasses.replace(reconstruction, picture=reconstruction.picture / 2)
    full = refitted_curves(reconstruction, responses, decoded_pictures(reconstruction), 10)[1]
    half = refitted_curves(reconstruction, responses, decoded_pictures(halves), 10)[1]
    picture = reconstruction.picture.reshape(12, -1).astype(float)
    for image in range(3):
        fold = reconstruction.fold[image]
        shown = picture[image] - reconstruction.mean_picture[fold].ravel()
        trials = np.flatnonzero(responses.image == image)
        made = reconstruction.single[trials] - reconstruction.mean_picture[fold]
        made = made.reshape(len(trials), -1) / 2
        missed = ((shown - made) ** 2).sum(axis=1) / (shown**2).sum()
        assert half[image, 10] == pytest.approx(1 - missed.mean(), abs=1e-5)
    assert (full[:, 10] != half[:, 10]).all()


def test_decoders_that_are_not_ridge_are_not_refitted():
    reason = why_not_refitted("lasso")
    assert reason.startswith("the weights of lasso are not those of ridge")
    assert why_not_refitted("ridge") == why_not_refitted("all-cells") == ""
    assert "by-hand" in why_not_refitted("by-hand")


def test_refits_can_be_left_out(recording):
    off = SETTINGS.model_copy(update={"refitted_count": 0, "learning_curves": False})
    curves = cell_count_curves(*recording, off, bootstraps=100, seed=0)
    assert curves.r_refitted.shape == (20, 0)
    assert curves.r_learning.shape == (20, 0)


def test_dependent_cells_are_left_out_of_least_squares():
    responses = carried(5, cells=14, images=20, noise=0.4)
    response = responses.response.copy()
    response[:, 3] = response[:, 8]
    response[:, 5] = 1.0
    doubled = dataclasses.replace(responses, response=response)
    reconstruction = decoded(doubled, "all-cells", folds=4)
    r, _ = refitted_curves(reconstruction, doubled, decoded_pictures(reconstruction), 14)
    curves = cell_count_curves(reconstruction, doubled, SETTINGS, bootstraps=100, seed=0)
    np.testing.assert_allclose(r[:, -1], curves.r_all, atol=1e-5)

"""Effects of leaving one more image out, against decoders that are really fitted without it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from simulated_trials import trials

from twophoton_decode.decoding.decoders import all_cells, ridge
from twophoton_decode.decoding.fitting.refitting import choosing
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.folds.fold import Fold
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.features.gabor import FeatureSpace as Gabor
from twophoton_decode.features.pixels import FeatureSpace as Pixels
from twophoton_decode.statistics.by_image import mean_by_image

SIDE = 8


def recorded(images, repeats, cells, space_of=Pixels, side=SIDE, seed=0):
    response, image, pictures = trials(images, repeats, cells, side**2, 0.5, seed, 6)
    space = space_of((side, side))
    prepared = space.prepare(pictures.reshape(images, side, side))
    pixels = prepared.reshape(images, -1)
    return Trials(response, image, pixels, space.encode(prepared), space)


def r(a, b):
    return np.corrcoef(a, b)[0, 1]


def brute_force(given, is_test, make, left_out, strength=None):
    """R of averages and of single trials of the test images, all fitted anew."""
    trained = ~is_test[given.image] & ~np.isin(given.image, left_out)
    image = given.image[trained]
    decoder = make() if strength is None else ridge.Decoder(strengths=(strength,))
    decoder.fit(given.response[trained], given.features[image], groups=image)
    mean = given.pixels[image].mean(axis=0)
    change = given.response - given.response[trained].mean(axis=0)
    made = given.decode(change @ decoder.coef_)
    average = mean_by_image(made, given.image, len(given.pixels))
    tested = np.flatnonzero(is_test)
    of_average = [r(average[i], given.pixels[i] - mean) for i in tested]
    of_single = [
        np.mean([r(row, given.pixels[i] - mean) for row in made[given.image == i]]) for i in tested
    ]
    return np.array([of_average, of_single])


CASES = [
    pytest.param(recorded(12, 4, 7), all_cells.Decoder, id="few cells"),
    pytest.param(recorded(12, 3, 60), all_cells.Decoder, id="more cells than presentations"),
    pytest.param(recorded(12, [1, 2, 3, 4] * 3, 60), all_cells.Decoder, id="unequal repeats"),
    pytest.param(recorded(12, 1, 20), all_cells.Decoder, id="one repeat"),
    pytest.param(recorded(12, 2, 9, Gabor, 32), all_cells.Decoder, id="gabor"),
]


@pytest.mark.parametrize(("given", "make"), CASES)
def test_least_squares_is_exact(given, make):
    is_test = np.arange(12) % 4 == 0
    fit = Fold.split(given, is_test, make).fit()
    whole = brute_force(given, is_test, make, [])
    for image in range(12):
        found = fit.deletion[:, :, image]
        if is_test[image]:
            assert np.isnan(found).all()
        else:
            expected = whole - brute_force(given, is_test, make, [image])
            np.testing.assert_allclose(found, expected, atol=1e-5)


def relative(given, is_test, absolute, left_out):
    """A strength as the decoder takes it, in units of what is trained on."""
    trained = ~is_test[given.image] & ~np.isin(given.image, left_out)
    centred = given.response[trained] - given.response[trained].mean(axis=0)
    return absolute * centred.shape[1] / (centred**2).sum()


@pytest.mark.parametrize("repeats", [3, [1, 2, 3, 4] * 3])
def test_ridge_is_exact_at_its_strength(repeats):
    given = recorded(12, repeats, 30)
    is_test = np.arange(12) % 4 == 0
    make = partial(ridge.Decoder, strengths=(0.3,))
    fit = Fold.split(given, is_test, make).fit()
    whole = brute_force(given, is_test, make, [])
    for image in np.flatnonzero(~is_test):
        strength = relative(given, is_test, fit.strength, [image])
        expected = whole - brute_force(given, is_test, make, [image], strength)
        np.testing.assert_allclose(fit.deletion[:, :, image], expected, atol=1e-9)


def test_images_that_show_the_same_are_left_out_together():
    given = recorded(12, 3, 30)
    is_test = np.arange(12) % 4 == 0
    make = partial(ridge.Decoder, strengths=(0.3,))
    fold = Fold.split(given, is_test, make)
    same = np.arange(12)
    same[2] = 1
    old = fold.training
    group = np.unique(same[fold.known[old.target]], return_inverse=True)[1]
    training = TrainingResponses(old.responses, old.target, group)
    fold = replace(fold, training=training, choose=choosing(make, training, ("none",)))
    fit = fold.fit()
    strength = relative(given, is_test, fit.strength, [1, 2])
    whole = brute_force(given, is_test, None, [], relative(given, is_test, fit.strength, []))
    expected = whole - brute_force(given, is_test, None, [1, 2], strength)
    np.testing.assert_allclose(fit.deletion[:, :, 1], expected, atol=1e-9)
    np.testing.assert_allclose(fit.deletion[:, :, 2], expected, atol=1e-9)

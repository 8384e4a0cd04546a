import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from simulated_trials import responses, trials

from twophoton_decode.decoding.decoders import all_cells, cell_selection, ridge
from twophoton_decode.decoding.fitting.refitting import choosing, refitting
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.fitting.transform import (
    TRANSFORMS,
    as_decoded,
    candidates,
    transformed,
)
from twophoton_decode.decoding.folds.fold import Fold
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.features.pixels import FeatureSpace
from twophoton_decode.settings import DecodingSettings

NUMBERS = st.floats(-1e6, 1e6)


def squared(images=30, seed=0):
    """Trials whose signed square root is linear in the images, and the images' index."""
    response, image, pictures = trials(
        images=images, cells=10, pixels=16, dimensions=4, noise=0.2, seed=seed
    )
    return np.sign(response) * response**2, image, pictures


def test_the_signed_square_root():
    np.testing.assert_allclose(
        transformed(np.array([-4.0, 0.0, 2.25]), "square-root"), [-2.0, 0.0, 1.5]
    )


@pytest.mark.parametrize("name", TRANSFORMS)
@given(values=arrays(float, 6, elements=NUMBERS))
def test_transforms_keep_order_and_zero(name, values):
    made = transformed(np.sort(values), name)
    assert np.all(np.diff(made) >= 0)
    assert transformed(np.zeros(1), name) == 0


def test_candidates_of_the_setting():
    assert candidates("none") == ("none",)
    assert candidates("square-root") == ("square-root",)
    assert candidates("chosen") == ("none", "power-0.7", "square-root")


@pytest.mark.parametrize("make", [ridge.Decoder, cell_selection.Decoder])
def test_the_transform_in_which_cells_are_linear_is_chosen(make):
    response, image, pictures = squared()
    straight = np.sign(response) * np.sqrt(np.abs(response))
    for given_response, expected in ((response, "square-root"), (straight, "none")):
        training = TrainingResponses(given_response, image, image)
        readout, transform = choosing(make, training, ("none", "square-root"))(pictures)
        assert transform == expected
        read = TrainingResponses(transformed(given_response, transform), image, image)
        np.testing.assert_array_equal(readout.weights(), refitting(make, read)(pictures).weights())


def test_the_inner_error_is_that_of_the_images_left_out():
    response, image, pictures = trials(images=8, cells=4)
    make = lambda: ridge.Decoder(strengths=(0.1, 0.2))  # noqa: E731
    decoder = make().fit(response, pictures[image])
    alone = ridge.Decoder(strengths=(decoder.strength_ / mean_eigenvalue(response),))
    error = 0.0
    for left in range(8):
        rest = image != left
        scaled = ridge.Decoder(
            strengths=(decoder.strength_ / mean_eigenvalue(response[rest]),)
        ).fit(response[rest], pictures[image[rest]])
        error += ((scaled.predict(response[~rest]) - pictures[left]) ** 2).sum()
    assert decoder.inner_error() == pytest.approx(error)
    assert np.isnan(alone.fit(response, pictures[image]).inner_error())


def mean_eigenvalue(response):
    return ((response - response.mean(axis=0)) ** 2).sum() / response.shape[1]


def test_a_decoder_without_inner_error_reads_responses_as_they_are():
    response, image, pictures = squared()
    training = TrainingResponses(response, image, image)
    choose = choosing(all_cells.Decoder, training, ("none", "square-root"))
    assert choose(pictures)[1] == "none"


def test_the_choice_ignores_the_test_part():
    response, image, pictures = squared()
    spoilt = np.where((image < 3)[:, None], 1e6 * response, response)
    fits = []
    for given_response in (response, spoilt):
        shown = Trials(given_response, image, pictures, pictures, FeatureSpace((4, 4)))
        split = Fold.split(shown, np.arange(30) < 3, ridge.Decoder, ("none", "square-root"))
        fits.append(split.fit())
    assert fits[0].transform == fits[1].transform == "square-root"
    np.testing.assert_array_equal(fits[0].reverse_filter, fits[1].reverse_filter)


def test_permuted_images_choose_anew():
    response, image, pictures = squared()
    shown = Trials(response, image, pictures, pictures, FeatureSpace((4, 4)))
    order = np.random.default_rng(3).permutation(30)
    exchanged = Trials(response, image, pictures[order], pictures[order], FeatureSpace((4, 4)))
    both = ("none", "square-root")
    test = np.arange(30) < 3
    short = Fold.split(shown, test, ridge.Decoder, both).permuted_r(order)
    full = Fold.split(exchanged, test, ridge.Decoder, both).permuted_r(np.arange(30))
    np.testing.assert_allclose(short, full)


@pytest.mark.parametrize("transform", ["none", "square-root", "chosen"])
def test_the_record_follows_its_formula_in_transformed_responses(transform):
    response, image, pictures = squared()
    shown = responses(response, image, pictures.reshape(-1, 4, 4))
    settings = DecodingSettings(features="pixels", folds=5, permutations=0, transform=transform)
    made = reconstruct(shown, "ridge", settings)
    assert set(made.transform) == {"square-root" if transform == "chosen" else transform}
    for trial, shown_image in enumerate(image):
        fold = made.fold[shown_image]
        read = as_decoded(made, response[trial], fold) - made.mean_response[fold]
        expected = made.mean_picture[fold].ravel() + read @ made.reverse_filter[fold]
        np.testing.assert_allclose(made.single[trial].ravel(), expected, atol=1e-4)


def test_the_right_transform_decodes_better():
    response, image, pictures = squared(images=40)
    shown = responses(response, image, pictures.reshape(-1, 4, 4))
    plain = DecodingSettings(features="pixels", folds=5, permutations=0)
    chosen = plain.model_copy(update={"transform": "chosen"})
    scores = [reconstruct(shown, "ridge", s).r_single.mean() for s in (plain, chosen)]
    assert scores[1] > scores[0] + 0.05


def test_as_decoded_takes_each_folds_own_transform():
    response, image, pictures = squared()
    shown = responses(response, image, pictures.reshape(-1, 4, 4))
    settings = DecodingSettings(features="pixels", folds=5, permutations=0)
    made = reconstruct(shown, "ridge", settings)
    mixed = dataclasses.replace(made, transform=["none", "square-root", "none", "none", "none"])
    np.testing.assert_array_equal(as_decoded(mixed, np.array([-9.0]), 0), [-9.0])
    np.testing.assert_array_equal(as_decoded(mixed, np.array([-9.0]), 1), [-3.0])

"""Input at the limits: every decoder in the registry says what is wrong, or is sound."""

import numpy as np
import pytest
from affine_decoders import AFFINE
from simulated_trials import responses, trials

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import ResponseError, StimulusImageError
from twophoton_decode.registry import DECODERS
from twophoton_decode.settings import DecodingSettings

pytestmark = pytest.mark.parametrize("name", AFFINE)


def made(images=16, repeats=3, cells=8, dimensions=3, **options):
    response, image, pictures = trials(
        images, repeats, cells, pixels=16, dimensions=dimensions, **options
    )
    return response, image, pictures.reshape(images, 4, 4)


def run(name, response, image, pictures, folds=4, features="pixels"):
    settings = DecodingSettings(features=features, folds=folds, permutations=2, bootstraps=100)
    return reconstruct(responses(response, image, pictures), name, settings)


def is_sound(made, least=0.2):
    """Every number is finite, and images that can be decoded are."""
    for field in ("single", "average", "reverse_filter", "r_single", "r_average", "cd_average"):
        assert np.isfinite(getattr(made, field)).all(), field
    assert made.r_average.mean() > least
    return True


def test_constant_cells_have_no_weight_and_are_reported(name):
    response, image, pictures = made()
    plain = run(name, response, image, pictures)
    constant = np.full((len(response), 2), [0.0, 7.0])
    with_them = run(name, np.hstack([response, constant]), image, pictures)
    assert is_sound(with_them)
    np.testing.assert_array_equal(with_them.reverse_filter[:, 8:], 0.0)
    np.testing.assert_allclose(with_them.r_average.mean(), plain.r_average.mean(), atol=0.05)
    assert any("2 of 10 cells gave the same response" in text for text in with_them.warnings)


def test_duplicate_cells_change_little(name):
    response, image, pictures = made()
    once = run(name, response, image, pictures)
    twice = run(name, np.hstack([response, response[:, :3]]), image, pictures)
    assert is_sound(twice)
    assert abs(twice.r_average.mean() - once.r_average.mean()) < 0.1


def test_cells_that_never_change_are_refused(name):
    response, image, pictures = made()
    with pytest.raises(ResponseError, match="8 cells responded alike to all 36 training"):
        run(name, np.ones_like(response), image, pictures)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_responses_that_are_not_finite_are_refused(name, bad):
    response, image, pictures = made()
    response[5, 2] = bad
    with pytest.raises(ResponseError, match=r"1 of 384 responses are NaN or infinite.*cell 2"):
        run(name, response, image, pictures)


def test_pixels_that_are_not_finite_are_refused(name):
    response, image, pictures = made()
    pictures[4, 1, 1] = np.nan
    with pytest.raises(StimulusImageError, match="the first is image 4"):
        run(name, response, image, pictures)


def test_an_image_without_variance_leaves_the_others_alone(name):
    response, image, pictures = made()
    pictures[3] = 0.5
    assert is_sound(run(name, response, image, pictures))


@pytest.mark.parametrize("different", [1, 2])
def test_too_few_different_images_are_refused(name, different):
    response, image, pictures = made()
    with pytest.raises(ResponseError, match=rf"3 different images.*found {different} among 16"):
        run(name, response, image, pictures[np.arange(16) % different])


def test_three_images_are_enough_to_say_something(name):
    response, image, pictures = made(images=3, dimensions=None)
    found = run(name, response, image, pictures)
    assert np.isfinite(found.r_single).all()
    assert any("one image was left out at a time" in text for text in found.warnings)


def test_folds_of_a_single_image(name):
    response, image, pictures = made()
    found = run(name, response, image, pictures, folds=16)
    assert is_sound(found)
    assert sorted(found.fold) == list(range(16))


def test_a_single_repeat(name):
    response, image, pictures = made(images=40, repeats=1, noise=0.2)
    found = run(name, response, image, pictures)
    assert is_sound(found, least=0.1)
    assert np.isnan(found.noise_ceiling_r)


def test_unequal_repeats(name):
    response, image, pictures = made(repeats=np.arange(16) % 4 + 1)
    assert is_sound(run(name, response, image, pictures))


def test_one_cell(name):
    response, image, pictures = made(cells=1, dimensions=1, noise=0.1)
    assert is_sound(run(name, response, image, pictures))


def test_more_cells_than_presentations(name):
    response, image, pictures = made(cells=120)
    assert is_sound(run(name, response, image, pictures))


def test_a_cell_of_another_scale_by_far(name):
    """Fluorescence counts beside ΔF/F: one cell a million times larger, and useless."""
    response, image, pictures = made(images=24)
    wild = 1e6 * np.random.default_rng(5).standard_normal((len(response), 1))
    found = run(name, np.hstack([response, wild]), image, pictures)
    assert np.isfinite(found.reverse_filter).all()
    assert np.isfinite(found.r_average).all()


def test_two_presentations_can_be_fitted_and_one_is_refused(name):
    decoder = DECODERS.load(name)()
    response, targets = np.array([[0.0, 1.0], [1.0, 0.5]]), np.array([[1.0], [2.0]])
    assert np.isfinite(decoder.fit(response, targets).predict(response)).all()
    with pytest.raises(ResponseError, match="at least two presentations"):
        decoder.fit(response[:1], targets[:1])


def test_targets_that_never_change_are_predicted_by_their_value(name):
    response, image, _ = made()
    decoder = DECODERS.load(name)().fit(response, np.full((len(image), 3), 2.5), groups=image)
    np.testing.assert_allclose(decoder.predict(response), 2.5, atol=1e-12)

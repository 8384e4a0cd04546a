"""Encoding models of a simulated population whose receptive fields are known."""

from dataclasses import replace

import numpy as np
import pytest
from simulated_trials import responses
from threadpoolctl import threadpool_limits

from twophoton_decode.encoding.models import Places, encoding_models
from twophoton_decode.errors import AnalysisError, ResponseError
from twophoton_decode.responses.statistics.reliability import split_half_reliability
from twophoton_decode.settings import DecodingSettings, EncodingSettings

SIDE, IMAGES, REPEATS, SEEING, BLIND = 16, 90, 4, 24, 24
DECODING = DecodingSettings(features="pixels", folds=5, bootstraps=100)
ENCODING = EncodingSettings(refits=300)


def simulated(seed=0, images=IMAGES):
    """Gabor cells, rectified and noisy, and as many that respond at random."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(2 * SIDE)[:, None], np.fft.fftfreq(2 * SIDE))
    frequency[0, 0] = 1 / (2 * SIDE)
    noise = rng.standard_normal((images, 2 * SIDE, 2 * SIDE))
    pictures = np.fft.ifft2(np.fft.fft2(noise) / frequency).real[:, :SIDE, :SIDE]
    x, y = rng.uniform(3, SIDE - 4, (2, SEEING))
    rows, columns = np.mgrid[:SIDE, :SIDE]
    far = (columns - x[:, None, None]) ** 2 + (rows - y[:, None, None]) ** 2
    phase = rng.uniform(0, 2 * np.pi, (SEEING, 1, 1))
    wave = np.cos(2 * np.pi * (columns - x[:, None, None]) / 6 + phase)
    fields = np.exp(-far / (2 * 1.8**2)) * wave
    drive = np.einsum("iyx,kyx->ik", pictures - pictures.mean(0), fields)
    rate = np.maximum(drive / drive.std(0), 0)
    image = rng.permutation(np.repeat(np.arange(images), REPEATS))
    response = np.concatenate([rate[image], rng.gamma(0.5, 1, (image.size, BLIND))], axis=1)
    response += 0.2 * rng.standard_normal(response.shape)
    record = responses(response, image, pictures)
    reliability = split_half_reliability(response, image, rng, splits=10)
    return replace(record, reliability=reliability), (x, y)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Threads of linear algebra wait for each other on small matrices, most of all when busy."""
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(scope="module")
def recording():
    return simulated()


@pytest.fixture(scope="module")
def found(recording):
    return encoding_models(recording[0], DECODING, ENCODING)


def test_cells_that_see_have_fields_and_the_others_do_not(found):
    assert found.has_field[:SEEING].mean() > 0.9
    assert found.has_field[SEEING:].sum() <= 3
    assert np.median(found.prediction_r[:SEEING]) > 0.5
    assert found.prediction_p[:SEEING].max() < 0.05 < np.median(found.prediction_p[SEEING:])


def test_centres_come_back_within_two_pixels_for_most_cells(recording, found):
    x, y = recording[1]
    error = np.hypot(found.centre_x[:SEEING] - x, found.centre_y[:SEEING] - y)
    assert np.nanmedian(error) < 1.2
    assert np.mean(error[found.has_field[:SEEING]] < 2) > 0.7


def test_without_a_field_there_is_no_place_and_no_area(found):
    for values in (found.centre_x, found.centre_y, found.centre_sd, found.area):
        np.testing.assert_array_equal(np.isfinite(values), found.has_field)


def test_predictions_stay_below_the_noise_ceiling_and_above_chance(found):
    seeing = slice(SEEING)
    assert (found.prediction_r < found.noise_ceiling_r)[seeing].all()
    assert 0.5 < np.median(found.prediction_normalised[seeing]) < 1
    assert len(found.chance_r) >= 300
    assert abs(np.median(found.chance_r)) < 0.1
    low, high = found.prediction_r_ci95
    assert low < np.median(found.prediction_r) < high


def test_the_model_is_that_of_its_selection(found):
    assert not found.weight[~found.selected].any()
    field = found.receptive_field.reshape(len(found.weight), -1)
    np.testing.assert_allclose(field, found.weight, atol=1e-7)


def test_the_order_and_the_unit_of_cells_do_not_matter(recording, found):
    record, _ = recording
    order = np.random.default_rng(1).permutation(SEEING + BLIND)
    moved = replace(
        record, response=3.5 * record.response[:, order], reliability=record.reliability[order]
    )
    again = encoding_models(moved, DECODING, ENCODING)
    np.testing.assert_allclose(again.prediction_r, found.prediction_r[order], atol=1e-6)
    np.testing.assert_array_equal(again.selected, found.selected[order])
    np.testing.assert_allclose(again.weight, 3.5 * found.weight[order], atol=1e-5)


def test_responses_to_the_wrong_images_are_predicted_at_chance(recording):
    record, _ = recording
    order = np.random.default_rng(2).permutation(IMAGES)
    wrong = encoding_models(replace(record, picture=record.picture[order]), DECODING, ENCODING)
    assert abs(np.median(wrong.prediction_r)) < 0.12
    assert wrong.has_field.sum() <= 2


def test_places_are_kept_and_unknown_ones_are_nan(recording, found):
    assert np.isnan(found.position_x).all()
    cells = SEEING + BLIND
    places = Places(np.arange(cells) + 0.5, np.arange(cells) * 2.0, np.ones(cells, dtype=int))
    fast = EncodingSettings(refits=100)
    placed = encoding_models(recording[0], DECODING, fast, places)
    np.testing.assert_array_equal(placed.position_x, np.arange(cells) + 0.5)
    assert (placed.plane == 1).all()


def test_constant_and_duplicate_cells_leave_the_others_as_they_are(recording, found):
    record, _ = recording
    response = record.response.copy()
    response[:, -1], response[:, -2] = 0.25, response[:, 0]
    reliability = record.reliability.copy()
    reliability[-1], reliability[-2] = np.nan, reliability[0]
    changed = replace(record, response=response, reliability=reliability)
    made = encoding_models(changed, DECODING, ENCODING)
    assert np.isnan(made.prediction_r[-1])
    assert not made.has_field[-1]
    assert made.prediction_r[-2] == pytest.approx(made.prediction_r[0])
    np.testing.assert_allclose(made.prediction_r[:SEEING], found.prediction_r[:SEEING], atol=1e-6)
    assert any("1 of 48 cells respond alike to every image" in note for note in made.notes)


def test_one_repeat_gives_predictions_without_a_ceiling(recording):
    record, _ = recording
    first = np.unique(record.image, return_index=True)[1]
    single = responses(record.response[first], record.image[first], record.picture)
    made = encoding_models(single, DECODING, ENCODING)
    assert np.isnan(made.noise_ceiling_r).all()
    assert np.isnan(made.prediction_normalised).all()
    assert made.has_field[:SEEING].mean() > 0.5
    assert any("48 of 48 cells have no noise ceiling" in note for note in made.notes)


def test_too_few_images_are_unavailable():
    record, _ = simulated(images=7)
    with pytest.raises(AnalysisError, match="at least 8 different images; 7 were shown"):
        encoding_models(record, DECODING, ENCODING)


def test_responses_that_are_all_alike_are_unavailable(recording):
    record, _ = recording
    alike = replace(record, response=np.full_like(record.response, 0.1))
    with pytest.raises(AnalysisError, match="all 48 cells respond alike to every image"):
        encoding_models(alike, DECODING, ENCODING)


def test_an_impossible_threshold_leaves_no_model_and_says_so(recording):
    strict = EncodingSettings(refits=100, selection_threshold=1e6)
    made = encoding_models(recording[0], DECODING, strict)
    assert not made.has_field.any()
    assert not made.prediction_r.any()
    assert any("no feature that passes the threshold" in note for note in made.notes)


def test_nan_responses_are_refused(recording):
    record, _ = recording
    response = record.response.copy()
    response[3, 4] = np.nan
    with pytest.raises(ResponseError, match="presentation 3, cell 4"):
        encoding_models(replace(record, response=response), DECODING, ENCODING)


def test_identical_images_are_one(recording):
    """A copy of an image under another name must not be in training while it is tested."""
    record, _ = recording
    picture = record.picture.copy()
    picture[1] = picture[0]
    made = encoding_models(replace(record, picture=picture), DECODING, ENCODING)
    assert any("identical to another one" in note for note in made.notes)

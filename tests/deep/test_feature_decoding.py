"""Features decoded from responses, against sklearn's ridge and refits done by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from twophoton_decode.deep.comparison.decoding.decoded_layers import (
    Population,
    decode_layers,
    half_averages,
    usable_layers,
)
from twophoton_decode.deep.comparison.decoding.feature_decoding import PENALTIES, FoldDecoder
from twophoton_decode.deep.comparison.decoding.populations import shown_to_populations
from twophoton_decode.deep.hierarchy.cells import cell_reliability


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    latent = rng.normal(size=(60, 5))
    response = latent @ rng.normal(size=(5, 12)) + 0.8 * rng.normal(size=(60, 12))
    features = 3 + 2 * (latent @ rng.normal(size=(5, 20)) + 0.3 * rng.normal(size=(60, 20)))
    content = np.arange(60)
    content[[7, 31]] = 7
    fold = rng.permutation(60) % 6
    fold[31] = fold[7]
    return response, features.astype(np.float32), content, fold


def without(group, response, targets, alpha):
    """Predictions of every row by a ridge that was fitted without its group."""
    made = np.empty_like(targets)
    for number in np.unique(group):
        out = group == number
        fit = Ridge(alpha=alpha).fit(response[~out], targets[~out])
        made[out] = fit.predict(response[out])
    return made


def test_a_fold_is_ridge_with_the_penalty_that_refits_would_choose(data):
    response, features, content, fold = data
    known = np.flatnonzero(fold != 0)
    decoder = FoldDecoder.of(response, content, known).fit(features)
    R, F = response[known], features[known].astype(float)
    targets = (F - F.mean(axis=0)) / F.std(axis=0)
    unit = ((R - R.mean(axis=0)) ** 2).sum() / R.shape[1]
    left_out = [without(content[known], R, targets, c * unit) for c in PENALTIES]
    errors = [((targets - each) ** 2).sum() for each in left_out]
    best = int(np.argmin(errors))
    assert 0 < best < len(PENALTIES) - 1
    assert decoder.strength == pytest.approx(PENALTIES[best])
    plain = Ridge(alpha=PENALTIES[best] * unit).fit(R, targets).predict(response[fold == 0])
    scaled = plain / left_out[best].std(axis=0)
    np.testing.assert_allclose(decoder.patterns(response[fold == 0]), scaled, rtol=1e-3, atol=1e-3)


def test_images_never_train_their_own_decoder(data):
    response, features, content, fold = data
    made = decode_layers(Population(response), {"layer": features}, fold, content)["layer"]
    changed = features.copy()
    changed[fold == 2] += 50
    again = decode_layers(Population(response), {"layer": changed}, fold, content)["layer"]
    np.testing.assert_array_equal(made.decoded[fold == 2], again.decoded[fold == 2])
    assert not np.allclose(made.decoded[fold == 1], again.decoded[fold == 1])


def test_truth_is_standardised_by_training_alone(data):
    response, features, content, fold = data
    made = decode_layers(Population(response), {"layer": features}, fold, content)["layer"]
    known = features[fold != 4].astype(float)
    expected = (features[fold == 4] - known.mean(axis=0)) / known.std(axis=0)
    np.testing.assert_allclose(made.truth[fold == 4], expected, rtol=1e-4, atol=1e-4)


def test_halves_are_read_by_the_same_decoder(data):
    response, features, content, fold = data
    halves = np.stack([response, response])
    halves[1, 5] = np.nan
    made = decode_layers(Population(response, halves), {"layer": features}, fold, content)["layer"]
    np.testing.assert_array_equal(made.halves[0], made.decoded)
    assert np.isnan(made.halves[1, 5]).all()


def test_half_averages_of_odd_and_even_trials():
    image = np.array([1, 0, 1, 1, 2])
    response = np.array([[1.0], [5.0], [2.0], [9.0], [4.0]])
    halves = half_averages(response, image, 3)
    np.testing.assert_array_equal(halves[0, :, 0], [np.nan, 5.0, np.nan])
    np.testing.assert_array_equal(halves[1, :, 0], [np.nan, 2.0, np.nan])
    assert half_averages(response[:2], np.array([0, 1]), 2) is None


def test_responses_that_were_filled_in_are_in_no_half():
    image = np.array([0, 1, 0, 0, 1, 0, 2])
    response = np.arange(14.0).reshape(7, 2)
    known = np.ones((7, 2), bool)
    known[2, 0] = known[4, 1] = False
    halves = half_averages(response, image, 3, known)
    # Cell 0: presentations 0 and 5 against 3; cell 1 misses half of image 1.
    np.testing.assert_array_equal(halves[:, 0, 0], [(0 + 10) / 2, 6])
    np.testing.assert_array_equal(halves[:, 0, 1], [(1 + 7) / 2, (5 + 11) / 2])
    np.testing.assert_array_equal(halves[:, 1, 0], [2, 8])
    assert np.isnan(halves[:, 1, 1]).all()
    assert np.isnan(halves[:, 2]).all()
    assert half_averages(response, image, 3, np.zeros((7, 2), bool)) is None


def test_filled_in_responses_do_not_make_cells_reliable():
    """A cell of noise whose missing responses hold its mean is as unreliable as without them."""
    rng = np.random.default_rng(0)
    image = np.repeat(np.arange(60), 4)
    response = rng.normal(size=(240, 40))
    known = (rng.random((60, 40)) > 0.3)[image]
    response = np.where(known, response, 5.0)
    response[:, 0] = image + 0.01 * response[:, 0]
    halves = half_averages(response, image, 60, known)
    found = cell_reliability(halves, 40)
    assert found[0] > 0.99
    assert found[1:].mean() < 0.25
    of_all = cell_reliability(half_averages(response, image, 60), 40)
    assert of_all[1:].mean() > found[1:].mean() + 0.1
    rows = np.isfinite(halves[:, :, 3]).all(axis=0)
    rho = np.corrcoef(halves[:, rows, 3])[0, 1]
    assert found[3] == pytest.approx(max(2 * rho / (1 + rho), 0))


def test_the_population_that_is_decoded_has_halves_of_measured_responses_alone():
    rng = np.random.default_rng(1)
    image, known = np.tile(np.arange(5), 4), np.ones((20, 12), bool)
    response = rng.normal(size=(20, 12))
    known[[0, 5, 10], 3] = False
    responses = SimpleNamespace(
        cells=12, response=response, image=image, filled=~known, known=known,
        averages=lambda: np.zeros((5, 12)),
    )  # fmt: skip
    halves = shown_to_populations(responses)[0].population("all").halves
    expected = half_averages(response, image, 5, known)
    np.testing.assert_array_equal(halves, expected)
    assert np.isnan(halves[:, 0, 3]).all()


def test_layers_that_do_not_vary_are_named(data):
    response, features, content, fold = data
    one = np.zeros_like(features)
    one[3, 0] = 1
    layers = {
        "zero": np.zeros_like(features),
        "same": np.full_like(features, 2.5),
        "lost": np.full_like(features, np.nan),
        "rare": one,
        "part": np.where(np.arange(20) < 4, 7.0, features).astype(np.float32),
    }
    usable, notes = usable_layers(layers, fold)
    assert list(usable) == ["part"]
    np.testing.assert_array_equal(usable["part"], np.arange(4, 20))
    text = " ".join(notes)
    assert "layer zero is left out: its units are zero for all pictures (zero norm)" in text
    assert "layer same is left out: 0 of its 20 units differ" in text
    assert "layer lost is left out: its units are NaN or infinite" in text
    # Without the only picture that moves it, a unit does not vary in training.
    assert "layer rare is left out: 0 of its 20 units differ" in text
    assert "4 of 20 units of layer part are left out" in text
    made = decode_layers(Population(response), layers, fold, content)
    assert list(made) == ["part"]
    assert made["part"].decoded.shape == (60, 16)

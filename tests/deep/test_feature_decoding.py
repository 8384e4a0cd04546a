"""Features decoded from responses, against sklearn's ridge and refits done by hand."""

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

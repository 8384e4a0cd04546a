"""Cells predicted with attention on and off: equal to plain ridge, and honest about chance."""

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import Ridge

from twophoton_decode.decoding.ridge.strength import STRENGTHS
from twophoton_decode.deep.attention.encoding import chance_and_p, differences, r_of_maps
from twophoton_decode.deep.attention.held_out import (
    MEAN,
    OFF,
    ON,
    OTHER,
    Layer,
    ShownImages,
    other_images,
    scaled,
    with_attention,
    without_maps,
)
from twophoton_decode.deep.attention.shared_ridge import SharedRidge, chosen_strength
from twophoton_decode.encoding.prediction import prediction_r
from twophoton_decode.statistics.permutation import two_sided_p

IMAGES, UNITS, SIDE = 60, 48, 4


@pytest.fixture
def features():
    return np.random.default_rng(0).normal(size=(IMAGES, UNITS)) + 2


@pytest.mark.parametrize("units", [20, UNITS + 40])
def test_one_decomposition_gives_ridge_for_every_cell(units):
    rng = np.random.default_rng(1)
    X, other, Y = (
        rng.normal(size=(40, units)) + 3,
        rng.normal(size=(7, units)),
        rng.normal(size=(40, 3)),
    )
    found = SharedRidge.of(X)
    alpha = found.penalty(0.1)
    assert alpha == pytest.approx(0.1 * ((X - X.mean(0)) ** 2).sum() / 40)
    expected = Ridge(alpha=alpha).fit(X, Y).predict(other) - Y.mean(0)
    np.testing.assert_allclose(found.readout(other, 0.1).predict(Y), expected, atol=1e-8)


def test_left_out_errors_are_those_of_refits_without_the_group():
    rng = np.random.default_rng(2)
    X, Y = rng.normal(size=(24, 10)), rng.normal(size=(24, 2))
    group = np.array([0, 0, 1, 1, 1, *range(2, 21)])
    found = SharedRidge.of(X)
    errors = found.left_out_error(Y, group)
    place = 8
    expected = np.zeros(2)
    for each in np.unique(group):
        known = group != each
        # The intercept is fitted anew, the penalty is that of all training images.
        fit = Ridge(alpha=found.penalty(STRENGTHS[place])).fit(X[known], Y[known])
        expected += ((fit.predict(X[~known]) - Y[~known]) ** 2).sum(axis=0)
    np.testing.assert_allclose(errors[place], expected, rtol=1e-8)


def test_features_that_say_nothing_get_a_large_strength_and_an_error_of_one():
    rng = np.random.default_rng(3)
    X, Y = rng.normal(size=(60, 5)), rng.normal(size=(60, 50))
    strength, error = chosen_strength(SharedRidge.of(X), Y, np.arange(60))
    assert strength > 10
    assert error == pytest.approx(1, abs=0.05)
    strength, error = chosen_strength(SharedRidge.of(X), X @ rng.normal(size=(5, 4)), np.arange(60))
    assert strength == STRENGTHS[0]
    assert error < 0.01


def layer(features):
    channel, y, x = np.unravel_index(np.arange(UNITS), (UNITS // SIDE**2, SIDE, SIDE))
    return Layer(features, np.stack([channel, y, x]), SIDE)


def shown_to(response, maps, exchanged=None):
    fold = np.arange(IMAGES) % 5
    content = np.arange(IMAGES)
    exchanged = response if exchanged is None else exchanged
    return ShownImages(response, exchanged, fold, content, maps)


def attended(features, maps, rng, cells=30, noise=0.3):
    """Cells that see a few units times 1 + their attention."""
    weights = rng.normal(size=(UNITS, cells)) * (rng.random((UNITS, cells)) < 0.15)
    seen = features * (1 + maps.reshape(IMAGES, 1, -1).repeat(UNITS // SIDE**2, 1).reshape(
        IMAGES, UNITS))  # fmt: skip
    rates = seen @ weights
    return rates / rates.std(0) + rng.normal(0, noise, rates.shape)


@pytest.fixture
def maps():
    return np.random.default_rng(4).random((IMAGES, SIDE, SIDE))


def test_predictions_are_those_of_ridge_on_modulated_features(features, maps):
    response = attended(features, maps, np.random.default_rng(5))
    shown = shown_to(response, maps)
    found = with_attention(shown, {"only": layer(features)}, 0)
    known = shown.fold != 2
    rows = maps.reshape(IMAGES, -1)[:, layer(features).place[1] * SIDE + layer(features).place[2]]
    given = {
        OFF: np.zeros((1, 1)),
        ON: rows,
        MEAN: rows[known].mean(axis=0)[None],
    }
    for key, attention in given.items():
        X = (1 + attention) * features / features[known].std(axis=0)
        alpha = found.strength[2] * ((X[known] - X[known].mean(0)) ** 2).sum() / known.sum()
        fit = Ridge(alpha=alpha).fit(X[known], response[known])
        expected = fit.predict(X[~known]) - response[known].mean(0)
        np.testing.assert_allclose(found.predicted[key][~known], expected, atol=1e-8)
    assert found.layer.tolist() == ["only"] * 5
    plain = without_maps(shown, features)
    np.testing.assert_allclose(found.of_layer[0], plain)
    np.testing.assert_allclose(found.predicted[OFF], plain, atol=1e-9)


def test_the_better_layer_is_chosen_by_training_images_alone(features, maps):
    rng = np.random.default_rng(6)
    response = attended(features, 0 * maps, rng)
    layers = {"noise": layer(rng.normal(size=features.shape)), "seen": layer(features)}
    found = with_attention(shown_to(response, maps), layers, 0)
    assert found.layer.tolist() == ["seen"] * 5
    # Responses of the tested images change nothing of what predicts them.
    changed = response.copy()
    changed[::5] = rng.normal(size=changed[::5].shape)
    again = with_attention(shown_to(changed, maps), layers, 0)
    np.testing.assert_array_equal(again.predicted[ON][::5], found.predicted[ON][::5])


def test_attention_counts_where_cells_attend_and_not_where_they_do_not(features, maps):
    for gain, counts in ((1, True), (0, False)):
        response = attended(features, gain * maps, np.random.default_rng(7))
        shown = shown_to(response, maps)
        found = with_attention(shown, {"only": layer(features)}, 0)
        told = differences(found, shown, 300, 0)
        lows = [told[f"{key}_ci95"][0] for key in ("beyond_other", "beyond_mean")]
        assert (min(lows) > 0) == counts
        r = r_of_maps(found, response)
        assert told["beyond_mean"] == pytest.approx((r["r_on"] - r["r_mean_map"]).mean())
        np.testing.assert_allclose(
            r["r_off"], [stats.pearsonr(*pair)[0] for pair in zip(
                found.predicted[OFF].T, response.T, strict=True)],
        )  # fmt: skip


def test_a_map_that_is_the_same_for_all_is_its_own_control(features):
    maps = np.broadcast_to(np.random.default_rng(8).random((SIDE, SIDE)), (IMAGES, SIDE, SIDE))
    response = attended(features, maps, np.random.default_rng(9))
    found = with_attention(shown_to(response, maps), {"only": layer(features)}, 0)
    np.testing.assert_allclose(found.predicted[ON], found.predicted[MEAN], atol=1e-10)
    np.testing.assert_allclose(found.predicted[OTHER][2], found.predicted[ON], atol=1e-10)


def test_units_that_never_change_in_training_are_zero():
    features = np.array([[1.0, 2], [1, 4], [1, 6], [9, 8]])
    found = scaled(features, np.array([True, True, True, False]))
    np.testing.assert_array_equal(found[:, 0], 0)
    np.testing.assert_allclose(found[:, 1], features[:, 1] / np.std([2, 4, 6]))


@pytest.mark.parametrize("alike", [1, 2, 12])
def test_maps_of_others_come_from_the_same_side_of_the_fold(alike):
    """Also where one fold tests nothing but near-duplicates: then maps of training images."""
    content = np.maximum(np.arange(60) - alike + 1, 0)
    fold = np.arange(60) % 5
    fold[:alike] = 0
    fold[alike:][fold[alike:] == 0] = 1 if alike == 12 else 0
    rng = np.random.default_rng(0)
    for number in range(5):
        known = fold != number
        for _ in range(20):
            order = other_images(content, known, rng)
            assert (content[order] != content).all()
            assert known[order[known]].all()
            alone = alike == 12 and number == 0
            assert known[order[~known]].all() if alone else not known[order[~known]].any()
            if not alone:
                assert sorted(order[~known]) == np.flatnonzero(~known).tolist()


def test_maps_of_tested_images_reach_no_fit(features, maps):
    """Of images whose units are 0, predictions tell the fit alone, whatever their own maps are."""
    rng = np.random.default_rng(12)
    response = attended(features, maps, rng)
    features[::5] = 0
    changed = maps.copy()
    changed[::5] = rng.random(changed[::5].shape)
    before, after = (
        with_attention(shown_to(response, given), {"only": layer(features)}, 0).predicted
        for given in (maps, changed)
    )
    for key in (ON, MEAN, OTHER):
        np.testing.assert_array_equal(before[key][..., ::5, :], after[key][..., ::5, :])


def test_one_test_a_cell_decides_whether_it_is_predicted(features, maps):
    """Both r count once: the larger against the larger of the same exchange, one family."""
    rng = np.random.default_rng(13)
    response = np.concatenate(
        [attended(features, maps, rng, cells=10, noise=0.5), rng.normal(size=(IMAGES, 50))], axis=1
    )
    exchanged = np.concatenate([response[rng.permutation(IMAGES)] for _ in range(20)], axis=1)
    found = with_attention(shown_to(response, maps, exchanged), {"only": layer(features)}, 0)
    r = r_of_maps(found, response)
    got = chance_and_p(found, exchanged, r, 0.05)
    larger = np.maximum(r["r_off"], r["r_on"])
    chance = np.maximum(got["chance_r_off"], got["chance_r_on"])
    expected = [two_sided_p(each, chance) for each in larger]
    np.testing.assert_array_equal(got["p_either"], expected)
    passing = (stats.false_discovery_control(expected) <= 0.05) & (larger > 0)
    np.testing.assert_array_equal(got["predicted"], passing)
    assert passing[:10].sum() > 5


def test_two_sided_p_equals_scipys(features, maps):
    rng = np.random.default_rng(10)
    response = attended(features, maps, rng, cells=6, noise=3)
    exchanged = np.concatenate([response[rng.permutation(IMAGES)] for _ in range(40)], axis=1)
    found = with_attention(shown_to(response, maps, exchanged), {"only": layer(features)}, 0)
    r = r_of_maps(found, response)
    got = chance_and_p(found, exchanged, r, 0.05)
    for key in (OFF, ON):
        chance = got[f"chance_r_{key}"]
        np.testing.assert_allclose(chance, prediction_r(found.chance[key], exchanged))
        for value, p in zip(r[f"r_{key}"], got[f"p_{key}"], strict=True):
            expected = stats.monte_carlo_test(
                [value, value],
                lambda size, chance=chance: np.repeat(chance[:, None], 2, axis=1),
                lambda sample, axis=-1: np.take(sample, 0, axis=axis),
                vectorized=True,
                n_resamples=len(chance),
                alternative="two-sided",
            )
            assert p == pytest.approx(expected.pvalue)


def test_noise_cells_pass_at_their_level(features, maps):
    rng = np.random.default_rng(11)
    response = rng.normal(size=(IMAGES, 300))
    exchanged = np.concatenate(
        [response[rng.permutation(IMAGES)][:, rng.permutation(300)[:100]] for _ in range(20)], 1
    )
    found = with_attention(shown_to(response, maps, exchanged), {"only": layer(features)}, 0)
    got = chance_and_p(found, exchanged, r_of_maps(found, response), 0.05)
    assert np.mean(got["p_off"] < 0.05) < 0.1
    assert got["predicted"].sum() <= 3

"""Identification by decoded features: counted by hand and by loops."""

import numpy as np
import pytest
from scipy import stats

from twophoton_decode.deep.comparison.decoding import identification
from twophoton_decode.deep.comparison.decoding.chance import exchanges, wrong_images
from twophoton_decode.deep.comparison.decoding.decoded_layers import (
    DecodedLayer,
    Population,
    decode_layers,
)
from twophoton_decode.deep.comparison.decoding.feature_decoding import Standard
from twophoton_decode.deep.comparison.decoding.identification import (
    among_distractors,
    among_tested,
    session_fits,
    two_way,
    wrong_image_shares,
)
from twophoton_decode.deep.comparison.decoding.scores import Design, score_layer
from twophoton_decode.deep.comparison.decoding.unit_accuracy import (
    contributions,
    infinite_trials_r,
    repeat_reliability,
    unit_r,
    wrong_image_contributions,
)
from twophoton_decode.statistics.permutation import derangement


def layer_of(decoded, truth, fold, halves=None):
    folds = int(fold.max()) + 1
    standard = Standard(np.zeros(truth.shape[1], np.float32), np.ones(truth.shape[1], np.float32))
    return DecodedLayer(
        np.arange(truth.shape[1]), truth.astype(np.float32), decoded.astype(np.float32), halves,
        [standard] * folds, np.ones(folds),
    )  # fmt: skip


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(0)
    fold = np.arange(40) % 4
    truth = rng.normal(size=(40, 30))
    return layer_of(truth + 2.5 * rng.normal(size=truth.shape), truth, fold), fold


def test_three_images_by_hand():
    truth = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    decoded = np.array([[9, 2, 1, 0], [5, 3, 0, 1], [2, 2, 2, 0]])
    fold = np.zeros(3, dtype=int)
    found = among_tested(session_fits(layer_of(decoded, truth, fold), fold), fold, np.arange(3))
    # The first is found; for the second, image 0 fits better; the third ties with both.
    np.testing.assert_allclose(two_way(found), [1.0, 0.5, 0.5])
    np.testing.assert_allclose(found.rank, [1, 2, 2])
    np.testing.assert_allclose(found.top1(np.array([3]))[:, 0], [1, 0, 1 / 3])


def test_only_images_of_the_fold_that_show_something_else_are_candidates(noisy):
    layer, fold = noisy
    content = np.arange(40)
    content[4] = 0
    found = among_tested(session_fits(layer, fold), fold, content)
    for image in range(40):
        r = [np.corrcoef(layer.decoded[image], each)[0, 1] for each in layer.truth]
        wrong = (fold == fold[image]) & (content != content[image])
        assert found.total[image] == wrong.sum() == (8 if image in (0, 4) else 9)
        assert two_way(found)[image] == np.mean(np.array(r)[wrong] < r[image])


def test_distractors_are_compared_in_chunks(noisy, monkeypatch):
    layer, fold = noisy
    far = np.random.default_rng(1).normal(size=(55, 30)).astype(np.float32)
    found = among_distractors(layer, fold, far)
    monkeypatch.setattr(identification, "CANDIDATES_AT_ONCE", 7)
    again = among_distractors(layer, fold, far)
    for image in (0, 17, 39):
        r = np.array([np.corrcoef(layer.decoded[image], each)[0, 1] for each in far])
        own = np.corrcoef(layer.decoded[image], layer.truth[image])[0, 1]
        assert found.worse[image] == again.worse[image] == np.count_nonzero(r < own)
        assert found.total[image] == 55


def test_wrong_images_are_identified_at_one_half(noisy):
    layer, fold = noisy
    fit = session_fits(layer, fold)[0]
    shares = wrong_image_shares(fit, np.arange(10))
    np.testing.assert_allclose(np.nanmean(shares, axis=1), 0.5)
    others = [k for k in range(10) if k not in (2, 6)]
    assert shares[2, 6] == pytest.approx(np.mean(fit[2, others] < fit[2, 6]))
    assert np.isnan(shares.diagonal()).all()


def test_unit_r_is_pearsons_and_images_contribute_to_its_mean(noisy):
    layer, fold = noisy
    expected = [np.corrcoef(layer.decoded[:, u], layer.truth[:, u])[0, 1] for u in range(30)]
    np.testing.assert_allclose(unit_r(layer.decoded, layer.truth), expected, rtol=1e-5)
    assert contributions(layer).mean() == pytest.approx(np.mean(expected), rel=1e-5)
    tables = wrong_image_contributions(layer, fold)
    np.testing.assert_allclose(tables[1].diagonal(), contributions(layer)[fold == 1], rtol=1e-5)


def test_exchanges_never_bring_an_image_to_its_own_kind():
    fold, content = np.repeat([0, 1], 6), np.array([0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    orders = exchanges(fold, content, 50, np.random.default_rng(0))
    for number, order in enumerate(orders):
        own = content[fold == number]
        assert order.shape == (50, 6)
        assert not (own[order] == own).any()
    alike = exchanges(fold, np.repeat([0, 1], 6), 5, np.random.default_rng(0))
    assert np.isnan(wrong_images([np.eye(6)] * 2, alike, 1.0).mean)


def test_null_of_a_known_table():
    # Two images a fold: the only exchange swaps them.
    tables = [np.array([[1.0, 0.2], [0.4, 1.0]]), np.array([[1.0, 0.0], [0.6, 1.0]])]
    orders = [np.array([[1, 0]] * 9)] * 2
    null = wrong_images(tables, orders, 1.0)
    assert null.mean == null.low == null.high == pytest.approx((0.2 + 0.4 + 0.0 + 0.6) / 4)
    assert null.p == pytest.approx(1 / 10)


def test_the_null_is_as_wide_as_images_that_train_each_other_make_it():
    rng = np.random.default_rng(0)
    table = rng.random((30, 30))
    orders = [np.array([derangement(np.arange(30), rng) for _ in range(2000)])]
    null = wrong_images([table], orders, 0.6)
    sd = table[np.arange(30), orders[0]].mean(axis=1).std()
    reach = 1.96 * 2**0.5 * sd
    assert null.high - null.mean == pytest.approx(reach, rel=0.1)
    expected = stats.norm.sf((0.6 - null.mean) / (2**0.5 * sd))
    assert null.p == pytest.approx(expected, abs=0.015)


def test_ceilings_from_halves():
    rng = np.random.default_rng(2)
    signal = rng.normal(size=(4000, 3))
    halves = (signal + rng.normal(size=(2, 4000, 3))).astype(np.float32)
    reliability = repeat_reliability(halves)
    assert reliability == pytest.approx(2 / 3, abs=0.03)
    assert infinite_trials_r(0.4, 0.25) == pytest.approx(0.8)
    assert np.isnan(infinite_trials_r(0.4, -0.1))
    assert np.isnan(repeat_reliability(None))


def test_shuffled_responses_are_at_chance():
    rng = np.random.default_rng(5)
    features = rng.normal(size=(200, 40)).astype(np.float32)
    response = (features[:, :15] @ rng.normal(size=(15, 50)))[rng.permutation(200)]
    fold, content = np.arange(200) % 10, np.arange(200)
    layer = decode_layers(Population(response), {"layer": features}, fold, content)["layer"]
    orders = exchanges(fold, content, 200, rng)
    scores = score_layer(layer, Design(fold, content, orders, np.array([2, 20])))
    assert scores.two_way.mean() == pytest.approx(0.5, abs=0.04)
    assert scores.wrong_two_way.mean == pytest.approx(0.5, abs=0.01)
    assert scores.wrong_two_way.low < scores.two_way.mean() < scores.wrong_two_way.high
    assert scores.top1.mean(axis=0)[1] == pytest.approx(1 / 20, abs=0.05)
    assert np.isnan(scores.repeat_two_way)


def test_repeats_identify_each_other():
    rng = np.random.default_rng(4)
    truth, fold = rng.normal(size=(40, 30)), np.arange(40) % 4
    halves = (truth + 0.01 * rng.normal(size=(2, 40, 30))).astype(np.float32)
    halves[:, 3] = np.nan
    layer = layer_of(truth, truth, fold, halves)
    design = Design(fold, np.arange(40), exchanges(fold, np.arange(40), 9, rng), np.array([2]))
    assert score_layer(layer, design).repeat_two_way == 1.0

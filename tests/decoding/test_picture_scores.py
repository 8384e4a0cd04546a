"""Reconstructions scored in pixels and layers: by hand, at chance, and as a session's command."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import pearsonr
from simulated_trials import responses, trials

from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.deep.reconstructed.pictures import grey_pictures
from twophoton_decode.deep.reconstructed.scores import (
    Compared,
    candidates_of,
    identified,
    picture_scores,
)
from twophoton_decode.errors import AnalysisError
from twophoton_decode.figures.deep.pictures.picture_scores import scored_pictures
from twophoton_decode.records.deep.pictures.picture_scores import PictureScores
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.image_mean import image_mean
from twophoton_decode.statistics.share import share_interval

IMAGES = 15


@pytest.fixture(scope="module")
def made():
    response, image, pictures = trials(IMAGES, 2, 12, 64, 0.5, 0, 6)
    tier = np.array(["train"] * 3 + ["test"] * 12)
    given = replace(responses(response, image, pictures.reshape(-1, 8, 8)), image_fold=tier)
    settings = DecodingSettings(
        features="pixels", permutations=3, near_duplicate_correlation=1.0, folds_from="tier"
    )
    return {name: reconstruct(given, name, settings) for name in ("ridge", "all-cells")}


def features(seed, units=7, images=12):
    rng = np.random.default_rng(seed)
    shown = rng.standard_normal((images, units))
    return Compared(shown, shown + rng.standard_normal((images, units)))


@pytest.fixture(scope="module")
def scored(made):
    layers = {name: {"first": features(1), "last": features(2)} for name in made}
    twins = {name: [{"first": features(s), "last": features(s)} for s in (3, 4)] for name in made}
    return picture_scores(made, layers, twins, bootstraps=200, seed=0), layers, twins


def two_way_by_hand(compared, content):
    shares = []
    for own in range(len(content)):
        right = pearsonr(compared.made[own], compared.shown[own]).statistic
        wrong = [
            pearsonr(compared.made[own], compared.shown[other]).statistic
            for other in range(len(content))
            if content[other] != content[own]
        ]
        shares.append(np.mean([right > each for each in wrong]))
    return np.array(shares)


def test_two_way_and_top_1_are_those_of_their_definition():
    compared, content = features(0), np.array([0, 0, *range(1, 11)])
    found = identified(compared, content, 11)
    expected = two_way_by_hand(compared, content)
    np.testing.assert_allclose(found.two_way, expected)
    assert found.top1[2:].tolist() == pytest.approx(
        (expected[2:] == 1).astype(float).tolist(), abs=1
    )
    fit = np.corrcoef(compared.made, compared.shown)[:12, 12:]
    worse = [(fit[i, content != content[i]] < fit[i, i]).sum() for i in range(12)]
    total = [(content != content[i]).sum() for i in range(12)]
    # Of k candidates the right one is best if all k − 1 drawn wrong ones fit worse.
    two = identified(compared, content, 2).top1
    np.testing.assert_allclose(two, np.array(worse) / np.array(total))


def test_equal_features_are_a_tie():
    same = Compared(np.ones((12, 4)), np.ones((12, 4)))
    found = identified(same, np.arange(12), 4)
    np.testing.assert_allclose(found.two_way, 0.5)
    np.testing.assert_allclose(found.top1, 0.25)


def test_every_column_is_its_score(scored, made):
    fields, layers, twins = scored
    columns = list(zip(fields["score"].tolist(), fields["space"].tolist(), strict=True))
    ridge = fields["decoder"].tolist().index("ridge")
    values = dict(zip(columns, fields["value"][ridge], strict=True))
    record = made["ridge"]
    np.testing.assert_allclose(values["SSIM", "pixels"], record.ssim)
    expected = [
        pearsonr(shown.ravel(), found.ravel()).statistic
        for shown, found in zip(record.picture, record.average, strict=True)
    ]
    np.testing.assert_allclose(values["PixCorr", "pixels"], expected, atol=1e-6)
    content = np.arange(12)
    np.testing.assert_allclose(
        values["two-way", "last"], two_way_by_hand(layers["ridge"]["last"], content)
    )
    random = [two_way_by_hand(each["last"], content) for each in twins["ridge"]]
    np.testing.assert_allclose(values["two-way", "last, random weights"], np.mean(random, axis=0))
    np.testing.assert_allclose(
        fields["beyond_random"][ridge, 1],
        values["two-way", "last"].mean() - np.mean(random),
        atol=1e-12,
    )


def test_intervals_are_of_independent_images_and_of_shares(scored):
    fields = scored[0]
    columns = list(zip(fields["score"].tolist(), fields["space"].tolist(), strict=True))
    place = columns.index(("PixCorr", "pixels"))
    expected = image_mean(fields["value"][0, place]).interval
    np.testing.assert_allclose(fields["picture_score_ci95"][0, place], expected)
    top1 = columns.index(("top-1", "first"))
    expected = share_interval(fields["value"][0, top1], np.arange(12))
    np.testing.assert_allclose(fields["picture_score_ci95"][0, top1], expected)


def test_chance_stands_beside(scored, made):
    fields = scored[0]
    chance = dict(zip(fields["score"].tolist(), fields["chance"][0].tolist(), strict=True))
    assert (chance["two-way"], chance["top-1"]) == (0.5, 1 / 12)
    assert chance["PixCorr"] < fields["value_mean"][0, 1]
    assert fields["candidates"] == 12


def test_few_images_are_refused():
    assert candidates_of(np.arange(300)) == 100
    assert candidates_of(np.array([0, 0, 0, *range(1, 12)])) == 12
    with pytest.raises(AnalysisError, match=r"among 10 or more .* reconstructed 9"):
        candidates_of(np.arange(9))


def test_pictures_reach_networks_from_black_to_white_and_uncropped():
    picture = np.zeros((1, 6, 10))
    picture[0, :, 9], picture[0, 0, 0] = 5.0, -1.0
    found = grey_pictures(np.array(["a"]), picture, (0.0, 4.0)).read(0, 32)
    assert found.shape == (3, 10, 10)
    assert (found.min(), found.max()) == (0.0, 1.0)
    np.testing.assert_allclose(found[:, :, 9], 1.0)


def test_the_figure_says_what_is_beyond_random_weights(scored, made):
    record = PictureScores(
        **scored[0], image_name=made["ridge"].image_name, network="tiny", sha256="",
        twins=["tiny@random:0", "tiny@random:1"], input_px=32, notes=[],
    )  # fmt: skip
    drawing = scored_pictures(record)
    assert "beyond random weights" in drawing.caption
    assert len(drawing.table["decoder"]) == record.value_mean.size
    assert len(drawing.more["beyond_random"]["layer"]) == 4


def test_a_network_without_draws_has_no_difference(made):
    layers = {name: {"only": features(1)} for name in made}
    fields = picture_scores(made, layers, {name: [] for name in made}, bootstraps=100, seed=0)
    assert np.isnan(fields["beyond_random"]).all()
    record = PictureScores(
        **fields, image_name=made["ridge"].image_name, network="tiny@random:0", sha256="",
        twins=[], input_px=32, notes=[],
    )  # fmt: skip
    assert "beyond random" not in scored_pictures(record).caption

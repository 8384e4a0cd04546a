"""Cells predicted from the parts of a latent diffusion model: planted populations, and controls."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from test_latent_decoder import shown

from twophoton_decode.deep.attention.images import ImageResponses
from twophoton_decode.deep.latent.components import path
from twophoton_decode.deep.latent.components.analysis import component_encoding
from twophoton_decode.deep.latent.components.component import PIXELS, C, Component, Z, some_units
from twophoton_decode.deep.latent.components.prediction import Best, Predicted, predicted_from
from twophoton_decode.deep.latent.denoiser import make
from twophoton_decode.deep.latent.denoiser.file import read_denoiser
from twophoton_decode.deep.latent.denoiser.noise import noise_levels, sampled
from twophoton_decode.deep.latent.denoiser.unet import STAGES, Shape, build
from twophoton_decode.deep.latent.populations import large_populations
from twophoton_decode.errors import AnalysisError
from twophoton_decode.figures.deep.pictures.component_words import population_sentence
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.stimulus.colour_pictures import ColourPictures

IMAGES, OWN = 60, 12
AREAS = {"V1": np.arange(OWN), "LM": np.arange(OWN, 2 * OWN), "mute": np.arange(2 * OWN, 3 * OWN)}
SETTINGS = DecodingSettings(bootstraps=200)


def mixed(values, cells, rng):
    made = (values - values.mean(axis=0)) @ rng.standard_normal((values.shape[1], cells))
    return made / made.std(axis=0) + 0.5 * rng.standard_normal(made.shape)


def planted(seed=0):
    """V1 is made of z, LM of c, the others of nothing; the denoiser knows LM, random ones V1."""
    rng = np.random.default_rng(seed)
    z, c, pixels = (rng.standard_normal((IMAGES, 8)) for _ in range(3))
    response = np.concatenate(
        [mixed(z, OWN, rng), mixed(c, OWN, rng), rng.standard_normal((IMAGES, OWN))], axis=1
    )
    exchanged = np.concatenate(
        [rng.permutation(response)[:, rng.permutation(3 * OWN)] for _ in range(6)], axis=1
    )
    given = ImageResponses(response, exchanged, np.arange(IMAGES) % 5, np.arange(IMAGES))
    noise = rng.standard_normal((4, IMAGES, 8))
    components = [
        Component(PIXELS, pixels), Component(Z, z), Component(C, c),
        Component("in", noise[0], (z, noise[1]), 0, 4.0),
        Component("out", c, (noise[2], noise[3]), 8, 0.1),
    ]  # fmt: skip
    return given, components


@pytest.fixture(scope="module")
def found():
    given, components = planted()
    return component_encoding(given, AREAS, components, SETTINGS, 0.05)


def row(fields, pair):
    place = fields["pair"].tolist().index(pair)
    return [fields[key][place] for key in ("between", "between_low", "between_high")]


def test_what_a_population_is_made_of_predicts_it_best(found):
    best = found["source"][found["source_mean"].argmax(axis=0)].tolist()
    # The planted denoiser is c itself.
    assert best[0] == "z"
    assert best[1] in ("c", "denoiser")
    _, low, high = row(found, "z less c")
    assert low[0] > 0.3
    assert high[1] < -0.3
    assert low[2] < 0 < high[2]
    _, low, _ = row(found, "z less pixels")
    assert low[0] > 0 > low[1]


def test_noise_is_predicted_by_nothing(found):
    assert found["predicted_cells"].tolist()[:2] == [OWN, OWN]
    assert found["predicted_cells"][2] <= 1
    assert np.abs(found["source_mean"][:, 2]).max() < 0.15


def test_the_denoiser_counts_only_beyond_every_random_one(found):
    """Of V1 a random draw knows more; of LM the trained one does, by the stage training chose."""
    _, low, high = row(found, "denoiser less best random denoiser")
    assert high[0] < 0 < low[1]
    assert set(found["chosen"]["LM"]) == {"out, step 8"}
    sources = found["source"].tolist()
    assert sources == ["pixels", "z", "c", "denoiser", "random denoiser 1", "random denoiser 2"]
    r = found["r"][4, OWN : 2 * OWN]
    np.testing.assert_allclose(found["source_r"][3, OWN : 2 * OWN], r)
    assert np.isnan(found["control_r"][:3]).all()
    np.testing.assert_allclose(found["control_mean"][3], np.mean(
        [found["control_r"][3, own] for own in AREAS.values()], axis=1))  # fmt: skip


def test_predictions_are_those_of_a_ridge_without_the_fold():
    given, components = planted()
    made = predicted_from(given, [np.arange(OWN)], components[1].value)
    known = given.fold != 2
    X = components[1].value / components[1].value[known].std(axis=0)
    centred = X[known] - X[known].mean(axis=0)
    errors = []
    for strength in 10.0 ** np.arange(-8, 4, 0.01):
        penalty = strength * np.trace(centred.T @ centred) / known.sum()
        weights = np.linalg.solve(
            centred.T @ centred + penalty * np.eye(8),
            centred.T @ given.response[known][:, :OWN],
        )
        expected = (X[~known] - X[known].mean(axis=0)) @ weights
        errors.append(np.abs(expected - made.response[~known, :OWN]).max())
    assert min(errors) < 0.02
    assert not made.response[:, OWN:].any()


def test_tested_images_choose_nothing():
    given, components = planted()
    tested = given.fold == 1
    changed = given.response.copy()
    changed[tested] = np.random.default_rng(5).permutation(changed[tested])
    again = dataclasses.replace(given, response=changed)
    cells = list(AREAS.values())
    first, second = (predicted_from(each, cells, components[1].value) for each in (given, again))
    np.testing.assert_array_equal(first.response[tested], second.response[tested])
    np.testing.assert_array_equal(first.error[1], second.error[1])


def test_each_fold_and_population_takes_the_smallest_training_error():
    cells, fold = [np.arange(2), np.arange(2, 4)], np.array([0, 0, 1, 1])

    def offered(value, error):
        made = np.full((4, 4), value)
        return Predicted(made, np.full((2, 4, 3), value), np.array(error))

    best = Best(fold, cells)
    best.offer("a", offered(1.0, [[0.5, 0.5], [0.5, 0.5]]))
    best.offer("b", offered(2.0, [[0.4, 0.6], [0.5, 0.1]]))
    assert best.name.tolist() == [["b", "a"], ["a", "b"]]
    expected = np.array([[2, 2, 1, 1], [2, 2, 1, 1], [1, 1, 2, 2], [1, 1, 2, 2.0]])
    np.testing.assert_array_equal(best.predicted.response, expected)
    np.testing.assert_array_equal(best.predicted.chance[:, :, 0], [[2, 2, 1, 1], [1, 1, 2, 2]])


def test_small_populations_are_left_out_and_named():
    label = np.repeat(["V1", "LM", ""], [10, 9, 5])
    cells, notes = large_populations(24, label)
    assert list(cells) == ["V1"]
    assert notes == ["populations of fewer than 10 cells are left out: LM (9 cells)."]
    cells, notes = large_populations(12, None)
    assert list(cells) == ["all"]
    assert not notes
    with pytest.raises(AnalysisError, match=r"found all \(9 cells\)"):
        large_populations(9, None)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    made = tmp_path_factory.mktemp("made") / "denoiser.npz"
    pixels = np.repeat((255 * shown(60, seed=8))[..., None], 3, axis=-1).astype(np.uint8)
    pictures = ColourPictures(np.arange(60).astype(str), [], lambda index: pixels[index])
    choice = make.Choice("taef2@random:0", "resnet18@random:0", 32, width=8, steps=4)
    make.make_denoiser(pictures, made, choice)
    return made


def given_codes(denoiser, count=5):
    rng = np.random.default_rng(0)
    standard = rng.standard_normal((count, len(denoiser.scale.mean), 4, 4)).astype(np.float32)
    components = rng.standard_normal((count, denoiser.components.count))
    return path.Codes.of(standard, components, 0)


def test_stages_are_those_of_the_denoiser_on_its_way(file):
    denoiser = read_denoiser(file)
    codes = given_codes(denoiser)
    made = path.path_components(denoiser, codes, 0, 0)
    assert [each.kind for each in made[:6]] == ["code", *STAGES]
    assert sorted({each.step for each in made}) == list(path.LOOKED_AT)
    levels = noise_levels(path.STRENGTH, path.STEPS)
    assert [each.sigma for each in made[::6]] == pytest.approx(levels[list(path.LOOKED_AT)])
    seen = {}

    def look(step, code, sigma):
        seen[step] = code.clone()

    condition = np.concatenate([codes.components, np.ones_like(codes.components)], axis=1)
    given = (codes.standard, codes.noise, condition.astype(np.float32))
    start, noise, condition = (torch.from_numpy(each) for each in given)
    sampled(denoiser.network, start, noise, levels, condition, look)
    np.testing.assert_allclose(made[12].value, seen[4].flatten(1).numpy(), atol=1e-5)
    # Before the first step nothing is taken off; later something is.
    np.testing.assert_allclose(made[0].value, made[0].random[0], atol=1e-5)
    assert not np.allclose(made[24].value, made[24].random[0])
    sigma = torch.full((5,), float(levels[4]))
    spread = (sigma**2 + 1).sqrt()[:, None, None, None]
    kept = []
    denoiser.network.blocks["down"].register_forward_hook(lambda *each: kept.append(each[2]))
    denoiser.network(seen[4] / spread, sigma.log() / 4, condition)
    down = made[14]
    assert (down.kind, down.step) == ("down", 4)
    np.testing.assert_allclose(down.value, kept[0].detach().flatten(1).numpy(), atol=1e-5)


def test_random_denoisers_are_random_in_every_stage_and_told_c():
    """One with quiet last layers would pass its input on, and be no control."""
    shape = Shape(4, 6, 8)
    code, level = torch.randn(2, 4, 4, 4), torch.zeros(2)
    for quiet in (True, False):
        network = build(shape, 0, quiet=quiet).eval()
        first, second = (network(code, level, torch.full((2, 6), c)) for c in (0.0, 1.0))
        assert bool(torch.allclose(first, second)) == quiet
        assert bool((first == 0).all()) == quiet


def test_units_are_the_same_for_every_picture_and_session():
    values = np.arange(2 * 40, dtype=float).reshape(2, 4, 10)
    some = some_units(values, 7, 2)
    assert some.shape == (2, 7)
    np.testing.assert_array_equal(some[1] - some[0], 40)
    np.testing.assert_array_equal(some_units(values[1:], 7, 2)[0], some[1])
    assert some_units(values, 0, 2).shape == (2, 40)


def told(predicted=5, low=0.01, high=0.05, denoiser=(0.01, 0.02)):
    less = {key: {"value": 0.03, "ci95": [low, high]} for key in (
        "z less c", "z less pixels", "c less pixels", "denoiser less z")}  # fmt: skip
    less["denoiser less best random denoiser"] = {"value": 0.015, "ci95": list(denoiser)}
    r = dict.fromkeys(("z", "c", "pixels", "denoiser"), 0.3)
    return {"cells": 12, "predicted_cells": predicted, "r": r, "less": less,
            "chosen": "up, step 4 in 3 of 5 folds"}  # fmt: skip


def test_sentences_claim_what_controls_allow():
    said = population_sentence("V1", told())
    assert "z predicts better than c" in said
    assert "z and c better than pixels" in said
    assert "0.30 (up, step 4 in 3 of 5 folds): training adds to what random weights give" in said
    said = population_sentence("V1", told(low=-0.01, denoiser=(-0.01, 0.02)))
    assert "z and c are not shown to differ" in said
    assert "neither is shown to predict better than pixels" in said
    assert "training is not shown to add to random weights" in said
    assert "random weights predict better" in population_sentence("V1", told(denoiser=(-0.2, -0.1)))
    assert "nothing can be said" in population_sentence("V1", told(predicted=0))
    few = population_sentence("V1", {**told(predicted=1), "cells": 200})
    assert few == (
        "V1 (200 cells): 1 predicted, too few for a mean over cells to say which part predicts "
        "better."
    )
    # Without an interval nothing is claimed.
    assert "not shown to differ" in population_sentence("V1", told(low=None, high=None))


def test_the_command_writes_record_figure_summary_and_page(tmp_path, tpdecode, small_arrays, file):
    session = tmp_path / "S"
    assert tpdecode("import", "arrays", "-o", session, *small_arrays)[0] == 0
    text = (session / "session.toml").read_text()
    text = text.replace('generator = "taef2"', 'generator = "taef2@random:0"')
    text = text.replace("units = 1000", "units = 40").replace("input_px = 128", "input_px = 32")
    text = text.replace('["efficientnet-lite0"]', '["resnet18@random:0"]')
    (session / "session.toml").write_text(text)
    code, out, err = tpdecode("deep", "components", session)
    assert code == 0, err
    assert "z, c and pixels alone are compared" in out
    code, out, err = tpdecode("deep", "components", session, "--denoiser", file)
    assert code == 0, err
    import twophoton_decode as tp

    record = tp.open(session).components
    assert record.source.tolist()[:4] == ["pixels", "z", "c", "denoiser"]
    assert len(record.component) == 3 + 4 + 6 * len(path.LOOKED_AT)
    assert record.denoiser_sha256
    numbers = json.loads((session / "summary.json").read_text())["deep"]["components"]
    assert " folds" in numbers["populations"]["all"]["chosen"]
    assert numbers["populations"]["all"]["r"]["z"] == pytest.approx(record.source_mean[1, 0])
    names = {each.name for each in (session / "figures").iterdir()}
    assert {"components.png", "components.differences.csv", "components.cells.csv"} <= names
    _, out, _ = tpdecode("deep", "components", session)
    assert "unchanged, nothing to do" in out

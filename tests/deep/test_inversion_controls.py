"""Feature inversion beside its controls: which there are, what they are made of, how scored."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import twophoton_decode as tp
from twophoton_decode.deep.comparison.decoding.feature_decoding import Standard
from twophoton_decode.deep.inversion import studio, variants
from twophoton_decode.deep.inversion.controls import _means
from twophoton_decode.deep.inversion.critic import Target
from twophoton_decode.deep.inversion.descent import Descent
from twophoton_decode.deep.inversion.scores import Candidates, score_names
from twophoton_decode.errors import AnalysisError
from twophoton_decode.figures.canvas.drawing import render
from twophoton_decode.figures.deep.pictures.inversion import inversion_pictures, inversion_scores
from twophoton_decode.figures.deep.pictures.inversion_words import inversion_sentence
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.session.netcdf import read_record

SIDE, IMAGES = 16, 20
NETWORK = "efficientnet-lite0@random:0"


def test_a_generator_adds_controls_and_layers_add_ablations():
    made = variants.variants(["a", "b", "c"], generator=True)
    assert [each.name for each in made] == [
        "reconstruction", "true features", "another image's responses", "no optimisation",
        "generator alone", "without generator", "true features, without generator",
        "only a", "only b", "only c", "up to b",
    ]  # fmt: skip
    assert made[-1].layers == ("a", "b")
    assert made[0].layers == ()
    plain = [each.name for each in variants.variants(["a"], generator=False)]
    assert plain == ["reconstruction", "true features", "another image's responses"]


class Readout:
    """Says what it was asked for in place of pictures."""

    code = SimpleNamespace(mean=np.array([[7.0]]))

    def __init__(self):
        inversion = SimpleNamespace(generated=lambda code: [f"generated {code.ravel()[0]:g}"])
        self.studio = SimpleNamespace(inversion=lambda: inversion)

    def features(self, row):
        return Target({"a": [0], "b": [0]}, {"a": row[:, :1], "b": row[:, :1]})

    def latent(self, row):
        return SimpleNamespace(start=10 * row)

    def invert(self, response, target, generator=True):
        layers = "".join(target.value)
        what = f"{response[0]:g} to {target.value[layers[0]][0, 0]:g} by {layers}"
        return SimpleNamespace(picture=f"{what}{'' if generator else ' in pixels'}", doubt="")


@pytest.mark.parametrize(
    ("name", "layers", "made"),
    [
        ("reconstruction", (), "1 to 1 by ab"),
        ("true features", (), "1 to 5 by ab"),
        ("another image's responses", (), "2 to 2 by ab"),
        ("no optimisation", (), "generated 10"),
        ("generator alone", (), "generated 7"),
        ("without generator", (), "1 to 1 by ab in pixels"),
        ("true features, without generator", (), "1 to 5 by ab in pixels"),
        ("only b", ("b",), "1 to 1 by b"),
    ],
)
def test_each_control_is_made_of_what_it_says(name, layers, made):
    true = Target({"a": [0], "b": [0]}, {"a": np.array([[5.0]]), "b": np.array([[5.0]])})
    tested = variants.Tested(Readout(), np.array([1.0]), np.array([2.0]), true)
    found, doubt = tested.made(variants.Variant(name, "control", layers))
    assert str(found) == made
    assert doubt == ""


def test_scores_are_those_of_independent_formulae():
    rng = np.random.default_rng(0)
    shown, made = rng.random((5, 8, 8)), rng.random((2, 3, 8, 8)).astype(np.float32)
    units = {"early": rng.random((5, 7)), "late": rng.random((5, 6))}
    read = {name: rng.random((2, each.shape[1])) for name, each in units.items()}
    standard = {name: Standard.of(np.float32(each)) for name, each in units.items()}
    usable = {"early": np.array([0, 2, 3, 5]), "late": np.arange(6)}
    part = {
        name: Standard(standard[name].mean[unit], standard[name].sd[unit])
        for name, unit in usable.items()
    }
    candidates = Candidates(
        shown,
        {name: part[name](units[name][:, unit]) for name, unit in usable.items()},
        part, usable, shown.mean(axis=0).ravel(),
    )  # fmt: skip
    encoder = SimpleNamespace(read=lambda pictures: read)
    readout = SimpleNamespace(
        at_working_size=lambda pictures, shape: pictures.mean(axis=1),
        studio=SimpleNamespace(encoder=encoder),
    )
    other = np.array([True, True, False, True, True])
    score, null = candidates.scores(readout, made, 2, 4, other)
    names = score_names(["early", "late"])
    assert names == ["PixCorr", "SSIM", "two-way, pixels", "two-way, early", "two-way, late"]
    small = made.mean(axis=1)
    for row in range(2):
        r = [np.corrcoef(small[row].ravel(), each.ravel())[0, 1] for each in shown]
        assert score[row, 0] == pytest.approx(r[2])
        assert null[row, 0] == pytest.approx(r[4])
        mean = shown.mean(axis=0).ravel()
        fits = [np.corrcoef(small[row].ravel() - mean, each.ravel() - mean)[0, 1] for each in shown]
        assert score[row, 2] == pytest.approx(np.mean([fits[i] < fits[2] for i in (0, 1, 3, 4)]))
        z = {
            name: (np.vstack([units[name], read[name][row]]) - units[name].mean(axis=0))
            / units[name].std(axis=0)
            for name in units
        }
        late = [np.corrcoef(z["late"][5], z["late"][i])[0, 1] for i in range(5)]
        assert score[row, 4] == pytest.approx(np.mean([late[i] < late[2] for i in (0, 1, 3, 4)]))
    assert (null[:, 2:] == 0.5).all()


def test_a_last_layer_that_never_varies_is_named():
    features = SimpleNamespace(decoder={}, unit={"early": np.arange(3)})
    encoder = SimpleNamespace(names=("early", "late"))
    readout = SimpleNamespace(features=features, studio=SimpleNamespace(encoder=encoder))
    with pytest.raises(AnalysisError, match="but late is the same for all training pictures"):
        Candidates.of(readout, np.arange(2), np.zeros((2, 4, 4)), np.zeros(16))


def test_intervals_are_of_paired_differences():
    rng = np.random.default_rng(1)
    score = rng.random((3, 12, 2))
    found = _means(score, 0 * score, np.arange(12))
    gain = score[0, :, 1] - score[2, :, 1]
    assert found["difference"][2, 1] == pytest.approx(gain.mean())
    low, high = found["difference_ci95"][2, 1]
    assert (low + high) / 2 == pytest.approx(gain.mean())
    assert (high - low) / 2 == pytest.approx(
        np.sqrt(2) * 2.201 * gain.std(ddof=1) / np.sqrt(12), rel=1e-3
    )
    assert (found["difference"][0] == 0).all()


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session of linear cells whose pictures a network with random weights tells apart."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    pictures = np.stack([
        0.5 + 0.4 * np.sin(2 * np.pi * (a * x + b * y) + phase)
        for a, b, phase in rng.uniform(-2, 2, (IMAGES, 3))
    ])  # fmt: skip
    rows = pictures.reshape(IMAGES, -1) - pictures.mean(axis=0).ravel()
    clean = rows @ rng.standard_normal((SIDE**2, 100))
    R = clean / clean.std() + 0.02 * rng.standard_normal((IMAGES, 100))
    path = tmp_path_factory.mktemp("inversion") / "S"
    opened = tp.from_arrays(path, R, pictures, image=np.arange(IMAGES), say=None)
    settings = {
        "deep.networks": [NETWORK], "deep.units": 1200, "deep.inversion_px": 32,
        "deep.inversion_layers": ["stem", "b0"], "decoding.features": "pixels",
        "decoding.folds": 4, "decoding.bootstraps": 100,
    }  # fmt: skip
    for name, value in settings.items():
        opened.set(name, value)
    return path


def test_the_command_makes_a_record_figures_and_sentences(session, tpdecode, monkeypatch):
    monkeypatch.setattr(studio, "FOR_PIXELS", Descent("lbfgs", 8))
    studio.studio_of.cache_clear()
    torch.set_num_threads(1)
    options = ("--generator", "pixels", "--images", 4)
    code, out, err = tpdecode("deep", "inversion", session, *options)
    assert code == 0, err
    assert "PixCorr" in out
    found = read_record(session / "deep/inversion.nc", InversionControls)
    assert found.variant.tolist() == [
        "reconstruction", "true features", "another image's responses", "only stem", "only b0",
    ]  # fmt: skip
    assert found.made.shape == (5, 4, 32, 32)
    true, wrong = (found.at(name, "PixCorr")[0] for name in found.variant[1:3])
    mine, null = found.at("reconstruction", "PixCorr")
    assert true > 0.9
    assert mine > max(wrong, null) + 0.2
    assert np.isnan(found.at("no optimisation", "PixCorr")).all()
    assert any("4 of 20 images" in each for each in found.notes)
    summary = json.loads((session / "summary.json").read_text())["deep"]["inversion"]
    assert summary["pixcorr"] == pytest.approx(mine)
    assert inversion_sentence(summary) in out
    for draw in (inversion_scores, inversion_pictures):
        drawing = draw(found)
        assert (session / "figures" / f"{drawing.name}.png").exists()
        assert render(drawing)["png"][:4] == b"\x89PNG"
    assert "no generator" in inversion_sentence(summary)


def test_too_few_images_are_refused(tmp_path, tpdecode):
    rng = np.random.default_rng(0)
    tp.from_arrays(
        tmp_path / "S", rng.random((19, 20)), rng.random((19, 8, 8)), image=np.arange(19), say=None
    ).set("deep.networks", [NETWORK])
    code, _, err = tpdecode("deep", "inversion", tmp_path / "S", "--generator", "pixels")
    assert code != 0
    assert "need 20 different images or more; there are 19" in err

"""The decoders of docs/extending.md work when a package brings them by entry point."""

import os
import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from conftest import linear_population
from pages import blocks, read_page
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor

from twophoton_decode.decoding import contract
from twophoton_decode.decoding.fitting.readout import (
    AffineReadout,
    Mixing,
    Readout,
    RidgeMixing,
    TrialReadout,
    Weights,
)
from twophoton_decode.decoding.fitting.training import TrainingResponses
from twophoton_decode.decoding.reconstruction import reconstruct
from twophoton_decode.errors import UnknownNameError
from twophoton_decode.formats.arrays import import_arrays
from twophoton_decode.registry import DECODERS
from twophoton_decode.settings import DecodingSettings, ResponseSettings

PAGE = blocks(read_page("extending.md"))
MODULES = {block.title: block.text for block in PAGE if block.language == "python"}
SETTINGS = DecodingSettings(features="pixels", folds=6, permutations=9, bootstraps=100)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A folder as pip leaves it: the page's modules, and a distribution that names them."""
    folder = tmp_path_factory.mktemp("site-packages")
    for name, text in MODULES.items():
        (folder / name).write_text(text)
    [declared] = [tomllib.loads(block.text) for block in PAGE if block.language == "toml"]
    points = declared["project"]["entry-points"]["tpdecode.decoders"]
    points |= {
        "partial-least-squares": "partial_least_squares:Decoder",
        "nearest-neighbours": "nearest_neighbours:Decoder",
    }
    info = folder / "my_lab-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-lab\nVersion: 1.0\n")
    lines = [f"{name} = {target}" for name, target in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[tpdecode.decoders]", *lines]))
    return folder


@pytest.fixture
def installed(package, monkeypatch):
    monkeypatch.syspath_prepend(package)
    return package


@pytest.fixture(scope="module")
def population(tmp_path_factory):
    folder = tmp_path_factory.mktemp("population")
    trials, pictures = linear_population()
    np.save(folder / "R.npy", trials)
    np.save(folder / "I.npy", pictures)
    return import_arrays(
        folder / "R.npy", "repeat image cell", folder / "I.npy",
        settings=ResponseSettings(), size_px=12,
    )  # fmt: skip


def test_the_decoder_is_as_short_as_the_page_says():
    assert len(MODULES["principal_components.py"].splitlines()) <= 30


def test_without_the_package_the_name_is_unknown():
    with pytest.raises(UnknownNameError, match="no decoder is called 'principal-components'"):
        DECODERS.load("principal-components")


@pytest.mark.parametrize("name", ["principal-components", "partial-least-squares"])
def test_the_decoder_reconstructs_above_chance(name, installed, population):
    assert name in DECODERS.names()
    found = reconstruct(population, name, SETTINGS)
    assert found.decoder == name
    assert found.r_average.mean() > 0.3
    assert abs(found.chance_r.mean()) < 0.1
    assert found.p_value == pytest.approx(1 / 10)
    assert found.warnings == []
    assert found.reverse_filter.shape[:2] == (6, 30)


def test_what_only_predicts_reconstructs_without_a_p(installed, population):
    found = reconstruct(population, "nearest-neighbours", SETTINGS)
    assert found.r_average.mean() > 0.2
    assert found.r_average_ci95[0] > 0
    assert found.reverse_filter is None
    assert np.isnan(found.p_value)
    assert abs(found.wrong_r_average.mean()) < 0.1


def test_it_is_the_mean_of_the_nearest_neighbours(installed):
    generator = np.random.default_rng(3)
    R, Y = generator.normal(size=(40, 12)), generator.normal(size=(40, 5))
    new = generator.normal(size=(7, 12))
    made = DECODERS.load("nearest-neighbours")(neighbours=3).fit(R, Y)
    expected = KNeighborsRegressor(3).fit(R, Y).predict(new)
    np.testing.assert_allclose(made.predict(new), expected)


@pytest.mark.parametrize(
    "kind", [TrainingResponses, Readout, AffineReadout, Weights, Mixing, RidgeMixing, TrialReadout]
)
def test_the_page_names_every_public_member(kind):
    fields = getattr(kind, "__dataclass_fields__", {})
    members = {name for name in (*vars(kind), *fields) if not name.startswith("_")}
    page = read_page("extending.md")
    named = set(re.findall(r"`(?:run\.)?(\w+)[`(]", page))
    own = {"first", "axes", "amplitude", "mixture", "choices"}
    assert members - own <= named
    assert kind.__name__ in named


def test_the_page_names_every_capability():
    page = read_page("extending.md")
    kinds = [each for each in vars(contract).values() if isinstance(each, type)]
    declared = {
        each.__name__ for each in kinds
        if each.__module__ == contract.__name__ and each is not contract.TrainingRun
    }  # fmt: skip
    named = set(re.findall(r"`(\w+)`", page))
    assert declared - {"Decoder"} <= named
    for name in contract.TrainingRun.__dataclass_fields__:
        assert f"`run.{name}`" in page


def test_it_is_regression_on_the_principal_components(installed):
    generator = np.random.default_rng(3)
    R = generator.normal(size=(40, 12)) * np.linspace(3, 0.1, 12)
    Y = R @ generator.normal(size=(12, 5)) + generator.normal(size=(40, 5))
    made = DECODERS.load("principal-components")(variance=0.8).fit(R, Y)
    components = PCA(0.8, svd_solver="full").fit(R)
    assert 1 < components.n_components_ < 12
    model = LinearRegression().fit(components.transform(R), Y)
    np.testing.assert_allclose(made.predict(R), model.predict(components.transform(R)))


def test_the_help_lists_it(package):
    called = subprocess.run(
        [sys.executable, "-c", "from twophoton_decode.cli.main import main; main()",
         "reconstruct", "--help"],
        env=os.environ | {"PYTHONPATH": str(package)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    # Lines break anywhere, within the name too.
    assert "principal-components" in "".join(called.stdout.split())

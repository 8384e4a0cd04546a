"""Scores of each category of pictures apart, where a file or the log names them."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import linear_population

from twophoton_decode.cli.main import tpdecode
from twophoton_decode.records import Reconstruction
from twophoton_decode.session.netcdf import read_record


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("categories")
    responses, pictures = linear_population(images=12, repeats=3, cells=8, side=6)
    np.save(folder / "R.npy", responses)
    np.save(folder / "I.npy", pictures)
    kinds = ["fur", "bark", "", "fur"] * 3
    (folder / "kinds.csv").write_text("\n".join(["category", *kinds]) + "\n")
    run = CliRunner()
    for command in (
        ["import", "arrays", "--responses", str(folder / "R.npy"), "--axes", "repeat image cell",
         "--images", str(folder / "I.npy"), "--categories", f"{folder / 'kinds.csv'}=category",
         "-o", str(folder / "S")],
        ["reconstruct", str(folder / "S"), "--decoder", "ridge", "--features", "pixels"],
    ):  # fmt: skip
        made = run.invoke(tpdecode, command)
        assert made.exit_code == 0, made.output
    return folder / "S"


def test_means_are_over_the_pictures_of_the_category(session):
    made = read_record(session / "reconstruction" / "ridge.nc", Reconstruction)
    found = json.loads((session / "summary.json").read_text())["decoders"]["ridge"]["by_category"]
    assert set(found) == {"bark", "fur"}
    own = np.array([0, 3, 4, 7, 8, 11])
    assert found["fur"]["images"] == 6
    assert found["fur"]["r_average"] == pytest.approx(made.r_average[own].mean(), abs=1e-6)
    assert found["bark"]["ssim"] == pytest.approx(made.ssim[[1, 5, 9]].mean(), abs=1e-6)


def test_they_are_drawn(session):
    assert (session / "figures" / "scores_by_category.png").exists()
    table = (session / "figures" / "scores_by_category.csv").read_text().splitlines()
    assert table[0].startswith("decoder,category,images,r_average")
    assert [row.split(",")[1] for row in table[1:]] == ["bark", "fur"]

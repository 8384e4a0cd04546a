"""Conditions without pictures: responses and populations are described, nothing is decoded."""

import json

import numpy as np
import pytest

import twophoton_decode as tp
from twophoton_decode.errors import AnalysisError
from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.figures.publication.responses import responses_figure
from twophoton_decode.pipeline.inputs.network_features import colour_pictures
from twophoton_decode.pipeline.run import Session
from twophoton_decode.pipeline.stages.deep.features import DEEP_FEATURES
from twophoton_decode.pipeline.stages.deep.rsa import FILE
from twophoton_decode.records import Representation, Responses
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record
from twophoton_decode.statistics.by_image import shown_alike

CONDITIONS, CELLS = 24, (12, 14, 3)
NEED_PICTURES = {"encode", "reconstruct:ridge", "compare-decoders", "sparsity-report:ridge",
                 "stability-report:ridge", "complementarity:ridge"}  # fmt: skip


@pytest.fixture(autouse=True)
def quick_figures(monkeypatch):
    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)


@pytest.fixture
def folder(tmp_path):
    """Two populations that see the same five things, and one too small, four repeats."""
    rng = np.random.default_rng(0)
    seen = rng.normal(size=(CONDITIONS, 5))
    rates = np.concatenate([seen @ rng.normal(size=(5, each)) for each in CELLS], axis=1)
    values = rates + rng.normal(size=(4, *rates.shape))
    np.save(tmp_path / "R.npy", values)
    order = np.tile(np.arange(CONDITIONS), 4)
    np.save(tmp_path / "P.npy", values.reshape(-1, sum(CELLS)))
    labels = [f"texture {9 + each}" for each in order]
    (tmp_path / "L.txt").write_text("\n".join(labels) + "\n")
    names = np.repeat(["V1", "LM", "AL"], CELLS)
    rows = "".join(f"{cell},{name}\n" for cell, name in enumerate(names))
    (tmp_path / "P.csv").write_text(f"roi,population\n{rows}")
    return tmp_path


def imported(tpdecode, folder, *more, responses="R.npy", axes="repeat image cell"):
    return tpdecode(
        "import", "arrays", "--responses", folder / responses, "--axes", axes,
        "-o", folder / "S", *more,
    )  # fmt: skip


def test_every_stage_that_needs_pictures_says_so_and_the_others_run(tpdecode, folder):
    code, out, err = imported(tpdecode, folder, "--populations", folder / "P.csv")
    assert code == 0, err
    assert "no pictures were given (--images)" in out
    assert "4 repeats × 24 conditions × 29 cells without pictures" in out
    code, out, err = tpdecode("deep", "rsa", folder / "S")
    assert code == 0, err
    assert "no layers are compared, as conditions have no pictures" in out
    assert "The nearest population is" in out
    code, out, err = tpdecode("run", folder / "S", "--decoder", "ridge")
    assert code == 0, err
    told = {line.partition(": unavailable")[0] for line in out.splitlines() if "unavailab" in line}
    (others,) = (line for line in told if line.startswith("unavailable for reasons given above: "))
    same = others.partition(": ")[2].replace(" (ridge)", ":ridge").split(", ")
    assert told | set(same) >= NEED_PICTURES
    assert not told & set(same)
    assert "encode: unavailable. encode needs the pictures that were shown" in out
    summary = json.loads((folder / "S" / "summary.json").read_text())
    assert "needs the pictures" in summary["reconstruct"]["ridge"]["unavailable"]
    assert "without pictures" in (folder / "S" / "report.html").read_text()
    for command in ("features", "decode", "encode"):
        code, _, err = tpdecode("deep", command, folder / "S")
        assert code == 1
        assert "needs the pictures that were shown" in err


def test_populations_are_compared_with_each_other_alone(tpdecode, folder):
    imported(tpdecode, folder, "--populations", folder / "P.csv")
    tpdecode("deep", "rsa", folder / "S")
    found = read_record(folder / "S" / FILE, Representation)
    assert found.population.tolist() == ["LM", "V1"]
    assert found.agreement.shape == (0, 2)
    assert found.between[0, 1] > 0.3
    assert found.nearest.tolist() == [1, 0]
    assert found.picture_name.tolist() == [str(each) for each in range(CONDITIONS)]


def test_labels_are_conditions_in_the_order_of_their_numbers(tpdecode, folder):
    code, out, err = imported(
        tpdecode, folder, "--labels", folder / "L.txt", responses="P.npy", axes="presentation cell"
    )
    assert code == 0, err
    assert "conditions are told apart by their labels" in out
    found = read_record(folder / "S" / "responses.nc", Responses)
    assert found.image_name.tolist() == [f"texture {9 + each}" for each in range(CONDITIONS)]
    assert found.picture.shape == (CONDITIONS, 0, 0)
    np.testing.assert_allclose(found.averages(), np.load(folder / "R.npy").mean(axis=0))


def test_conditions_without_pictures_are_never_alike(tpdecode, folder):
    """Pictures of no pixels are all equal: one condition would be left of 24."""
    imported(tpdecode, folder)
    found = read_record(folder / "S" / "responses.nc", Responses)
    assert not found.has_pictures
    assert shown_alike(found)[0].tolist() == list(range(CONDITIONS))
    headings = [panel.name for panel in responses_figure(found, None).panels]
    assert "pictures" not in headings


def test_commands_over_sessions_name_the_session_without_pictures(tpdecode, folder):
    imported(tpdecode, folder)
    session = Session(SessionFolder(folder / "S"))
    work = session.stage_input(DEEP_FEATURES, "efficientnet-lite0", session.verdicts())
    with pytest.raises(AnalysisError, match=r"a network \(.*S\) needs the pictures"):
        colour_pictures(work)


def test_arrays_in_memory_need_no_pictures(folder, tmp_path):
    names = np.char.add("texture ", np.tile(np.arange(CONDITIONS), 4).astype(str))
    made = tp.from_arrays(tmp_path / "mine", np.load(folder / "P.npy"), image=names, say=None)
    assert made.responses.image_name[:2].tolist() == ["texture 0", "texture 1"]
    assert not made.responses.has_pictures


@pytest.mark.parametrize(
    ("option", "value"), [("--image-shape", "3x3"), ("--image-axes", "y x"), ("--categories", "C")]
)
def test_options_that_say_something_of_pictures_need_them(tpdecode, folder, option, value):
    code, _, err = imported(tpdecode, folder, option, value)
    assert code == 2
    assert f"{option} says something of pictures: name these with --images" in err
    assert not (folder / "S").exists()


def test_another_number_of_labels_is_refused(tpdecode, folder):
    (folder / "L.txt").write_text("a\nb\n")
    code, _, err = imported(
        tpdecode, folder, "--labels", folder / "L.txt", responses="P.npy", axes="presentation cell"
    )
    assert code == 1
    assert "expected a label for each of the 96 presentations, found 2" in err


def test_categories_of_imported_pictures_are_kept(tpdecode, folder):
    np.save(folder / "I.npy", np.random.default_rng(0).random((CONDITIONS, 16, 16)))
    (folder / "C.csv").write_text("".join(f"kind {each % 6}\n" for each in range(CONDITIONS)))
    code, _, err = imported(
        tpdecode, folder, "--images", folder / "I.npy", "--categories", folder / "C.csv"
    )
    assert code == 0, err
    assert SessionFolder(folder / "S").settings().source.categories == str(folder / "C.csv")
    code, _, err = tpdecode("deep", "decode", folder / "S", "--network", "resnet18@random:0")
    assert code == 0, err
    summary = json.loads((folder / "S" / "summary.json").read_text())
    assert "category_two_way" in summary["deep"]["decode"]["resnet18@random:0"]["stem"]

"""From a simulated mouse in SENSORIUM's layout to reconstructions of its tested images."""

import re

import numpy as np
import pytest

from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.records import Encoding, Reconstruction, Responses, Stability
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.session.netcdf import read_record

IMAGES, TESTED, REPEATS = 30, 6, 3


@pytest.fixture(autouse=True)
def quick_figures(monkeypatch):
    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)


@pytest.fixture
def session(tpdecode, tmp_path):
    code, out, err = tpdecode(
        "simulate", tmp_path / "static7-1-1", "--layout", "sensorium", "--cells", "15",
        "--images", IMAGES, "--repeats", REPEATS,
    )  # fmt: skip
    assert code == 0, err
    assert f"tpdecode import sensorium {tmp_path / 'static7-1-1'} -o SESSION" in out
    code, _, err = tpdecode("import", "sensorium", tmp_path / "static7-1-1", "-o", tmp_path / "S")
    assert code == 0, err
    quicker(tmp_path / "S")
    return tmp_path / "S"


def quicker(session):
    """Few permutations, steps and draws, which no result here depends on."""
    text = (session / "session.toml").read_text()
    for line in (
        "permutations = 20", "bootstraps = 100", "derangements = 200", "random_draws = 2",
        "training_steps = 3", "largest_count = 5",
    ):  # fmt: skip
        text = re.sub(rf"^{line.split()[0]} = \d+", line, text, flags=re.MULTILINE)
    (session / "session.toml").write_text(text)


def test_the_session_holds_what_was_simulated(session):
    truth = np.load(session.parent / "static7-1-1" / "truth.npz")
    order = np.load(session.parent / "static7-1-1" / "meta/trials/trial_idx.npy")
    found = read_record(session / "responses.nc", Responses)
    assert found.presentations == IMAGES - TESTED + TESTED * REPEATS
    np.testing.assert_array_equal(found.response, truth["response"][order])
    assert found.picture.shape == (IMAGES, 36, 64)
    assert sorted(found.image_fold.tolist()) == sorted(
        ["test"] * TESTED + ["validation"] * 3 + ["train"] * (IMAGES - TESTED - 3)
    )
    assert (found.repeats_per_image[found.image_fold == "test"] == REPEATS).all()
    assert (found.repeats_per_image[found.image_fold != "test"] == 1).all()
    assert found.position.shape == (15, 3)
    assert found.population.tolist() == ["V1"] * 15
    assert SessionFolder(session).settings().subject.mouse == "7"


def test_tested_images_are_reconstructed_and_every_later_stage_works_on_them(session, tpdecode):
    code, out, err = tpdecode("reconstruct", session, "--decoder", "ridge")
    assert code == 0, err
    assert "21 of train and 3 of validation only train, 6 of test are tested once" in out
    made = read_record(session / "reconstruction/ridge.nc", Reconstruction)
    assert made.picture.shape == (TESTED, 36, 64)
    assert made.single.shape == (TESTED * REPEATS, 36, 64)
    for command in ("sparsity-report", "stability-report", "encode", "report"):
        decoder = () if command in ("encode", "report") else ("--decoder", "ridge")
        code, out, err = tpdecode(command, session, *decoder)
        assert code == 0, (command, err)
    stable = read_record(session / "stability/ridge.nc", Stability)
    assert stable.repeats.tolist() == [REPEATS] * TESTED
    cells = read_record(session / "encoding.nc", Encoding)
    assert np.isfinite(cells.position_x).all()
    assert (session / "report.html").is_file()


def test_a_network_trains_on_the_training_tiers(tpdecode, tmp_path):
    pytest.importorskip("torch")
    assert tpdecode("simulate", tmp_path / "m", "--layout", "sensorium", "--cells", "20",
                    "--images", "90", "--repeats", "2")[0] == 0  # fmt: skip
    assert tpdecode("import", "sensorium", tmp_path / "m", "-o", tmp_path / "S", "-q")[0] == 0
    quicker(tmp_path / "S")
    decoders = ("--decoder", "ridge", "--decoder", "end-to-end")
    code, _, err = tpdecode("reconstruct", tmp_path / "S", *decoders)
    assert code == 0, err
    made = {
        name: read_record(tmp_path / f"S/reconstruction/{name}.nc", Reconstruction)
        for name in ("ridge", "end-to-end")
    }
    assert made["end-to-end"].picture.shape == (18, 36, 64)
    np.testing.assert_array_equal(made["ridge"].image_name, made["end-to-end"].image_name)
    assert "cannot train a network" not in "".join(made["end-to-end"].warnings)


def test_folds_are_drawn_again_where_no_column_is_named(session, tpdecode):
    text = (session / "session.toml").read_text()
    (session / "session.toml").write_text(text.replace('folds_from = "tier"', 'folds_from = ""'))
    code, _, err = tpdecode("reconstruct", session, "--decoder", "all-cells")
    assert code == 0, err
    made = read_record(session / "reconstruction/all-cells.nc", Reconstruction)
    assert made.picture.shape[0] == IMAGES
    assert made.session_fold is None


def test_a_column_that_is_not_there_is_named(session, tpdecode):
    text = (session / "session.toml").read_text()
    (session / "session.toml").write_text(text.replace('folds_from = "tier"', 'folds_from = "x"'))
    code, _, err = tpdecode("respond", session)
    assert code != 0
    assert "has no column 'x'; its header is image, tier" in err


def test_a_failed_import_leaves_nothing_behind(tpdecode, tmp_path):
    folder = tmp_path / "m"
    assert tpdecode("simulate", folder, "--layout", "sensorium", "--cells", "5", "--images", "8",
                    "--repeats", "2")[0] == 0  # fmt: skip
    np.save(folder / "data/responses/0.npy", np.ones(4))
    code, _, err = tpdecode("import", "sensorium", folder, "-o", tmp_path / "S")
    assert code == 1
    assert "1.npy" in err or "0.npy" in err
    assert not (tmp_path / "S").exists()


def test_options_that_exclude_each_other(tpdecode, tmp_path):
    for option, said in (
        (("--responses-only",), "leave out --responses-only"),
        (("--picture-px", "40"), "pictures of --layout sensorium have 36 x 64 px"),
        (("--field-px", "99"), "--field-px: --layout sensorium makes no movie"),
    ):
        code, _, err = tpdecode("simulate", tmp_path / "m", "--layout", "sensorium", *option)
        assert code == 2
        assert said in err

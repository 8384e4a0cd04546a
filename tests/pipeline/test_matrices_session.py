"""Sessions made of matrices as people have them: options are kept, doubts are told."""

import numpy as np
import pytest
from conftest import linear_population
from PIL import Image

from twophoton_decode.figures.canvas.drawing import table_csv
from twophoton_decode.session.folder import SessionFolder


@pytest.fixture(autouse=True)
def quick_figures(monkeypatch):
    def tables(drawing):
        return dict.fromkeys(("pdf", "svg", "png"), b"drawn") | {"csv": table_csv(drawing.table)}

    monkeypatch.setattr("twophoton_decode.figures.canvas.rendering.render", tables)


@pytest.fixture
def recorded(tmp_path):
    """A folder of pictures 1.png …, presentations of cells that see them, and labels from 1."""
    values, pictures = linear_population()
    grey = np.uint8(np.clip(128 + 40 * pictures, 0, 255))
    (tmp_path / "shown").mkdir()
    for number, picture in enumerate(grey, 1):
        Image.fromarray(picture).save(tmp_path / "shown" / f"{number}.png")
    np.save(tmp_path / "R.npy", values.reshape(-1, values.shape[-1]))
    labels = np.tile(np.arange(1, 25), 3)
    (tmp_path / "L.csv").write_text("trial,shown\n" + "".join(
        f"{trial},{label}.png\n" for trial, label in enumerate(labels)
    ))  # fmt: skip
    np.save(tmp_path / "L.npy", labels)
    np.save(tmp_path / "S.npy", grey)
    return tmp_path


def imported(tpdecode, folder, *options, images="shown"):
    return tpdecode(
        "import", "arrays", "--responses", folder / "R.npy", "--axes", "presentation cell",
        "--images", folder / images, "-o", folder / "S", *options,
    )  # fmt: skip


def test_labels_from_a_column_and_options_that_are_kept(tpdecode, recorded):
    labels = f"{recorded / 'L.csv'}=shown"
    code, out, err = imported(
        tpdecode, recorded, "--labels", labels, "--missing", "-1", "--partial", "drop-cells"
    )
    assert code == 0, err
    assert (
        "image 0 is 1.png, image 23 is 24.png. The pictures are taken in the order of their" in out
    )
    assert "image 1 is 2.png; in the order of the alphabet" in out
    settings = SessionFolder(recorded / "S").settings()
    assert settings.source.labels == labels
    assert settings.responses.missing_values == [-1.0]
    assert settings.responses.partial_missing == "drop-cells"
    code, out, err = tpdecode("respond", recorded / "S")
    assert (code, out) == (0, "respond: unchanged, nothing to do\n"), err


def test_first_index_is_an_option(tpdecode, recorded):
    labels = ("--labels", recorded / "L.npy")
    code, _, err = imported(tpdecode, recorded, *labels, images="S.npy")
    assert code == 1
    assert "add --first-index 1" in err
    code, _, err = imported(tpdecode, recorded, *labels, "--first-index", "1", images="S.npy")
    assert code == 0, err
    assert SessionFolder(recorded / "S").settings().recording.first_index == 1


def test_further_axes_are_kept_as_settings(tpdecode, recorded):
    rows = np.load(recorded / "R.npy")
    np.save(recorded / "R.npy", np.stack([rows - 1, rows + 1], axis=1))
    code, out, err = tpdecode(
        "import", "arrays", "--responses", recorded / "R.npy", "--images", recorded / "shown",
        "--axes", "presentation time cell", "--average", "time", "--labels", recorded / "L.npy",
        "-o", recorded / "S",
    )  # fmt: skip
    assert code == 0, err
    assert "responses are averaged over the axis time, 2 long." in out
    assert SessionFolder(recorded / "S").settings().source.average == ["time"]


@pytest.mark.slow
def test_reliable_cells_that_decode_at_chance_are_told(tpdecode, recorded):
    """The pictures lie in another order than the responses."""
    np.save(
        recorded / "S.npy", np.load(recorded / "S.npy")[np.random.default_rng(2).permutation(24)]
    )
    code, _, err = imported(
        tpdecode, recorded, "--labels", recorded / "L.npy", "--first-index", "1", images="S.npy"
    )
    assert code == 0, err
    code, out, err = tpdecode("reconstruct", recorded / "S", "--decoder", "ridge")
    assert code == 0, err
    assert "cells respond to the images reliably, yet ridge is not better than chance" in out
    assert "Here image 0" not in out
    code, out, err = tpdecode("respond", recorded / "S")
    assert code == 0, err

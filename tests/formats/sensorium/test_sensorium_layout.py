"""A folder of one mouse as the competitions lay it out: what is taken, refused and left out."""

import csv

import numpy as np
import pytest

from twophoton_decode.errors import ResponseError, StimulusImageError, UsageError
from twophoton_decode.formats.sensorium.arrays import write_arrays
from twophoton_decode.formats.sensorium.layout import Layout

TIERS = ["train", "test", "validation", "test", "train", "test", "train"]
IDS = [10, 3, 12, 3, 14, 8, 15]


def save(path, values):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, values, allow_pickle=values.dtype == object)


@pytest.fixture
def mouse(tmp_path):
    """Seven trials of five cells: image 3 twice, the others once."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "static1-2-3-GrayImageNet"
    shown = {each: rng.integers(0, 256, (1, 9, 16)).astype(np.float32) for each in set(IDS)}
    for trial, each in enumerate(IDS):
        save(folder / f"data/images/{trial}.npy", shown[each])
        save(folder / f"data/responses/{trial}.npy", rng.gamma(1.0, 1.0, 5).astype(np.float32))
    save(folder / "meta/trials/tiers.npy", np.array(TIERS))
    save(folder / "meta/trials/frame_image_id.npy", np.array(IDS))
    save(folder / "meta/neurons/unit_ids.npy", np.arange(5) + 100)
    save(folder / "meta/neurons/area.npy", np.array(["V1", "V1", "LM", "V1", "LM"]))
    save(folder / "meta/neurons/cell_motor_coordinates.npy", rng.integers(0, 600, (5, 3)))
    return folder


@pytest.fixture
def arrays(tmp_path):
    folder = tmp_path / "arrays"
    folder.mkdir()

    def made(mouse):
        found = write_arrays(Layout.of(mouse), folder)
        return found, {path.stem: np.load(path) for path in folder.glob("*.npy")}, folder

    return made


def columns(path):
    with path.open() as stream:
        rows = list(csv.DictReader(stream))
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_trials_pictures_tiers_and_cells_are_kept(mouse, arrays):
    found, kept, folder = arrays(mouse)
    for trial in range(7):
        np.testing.assert_array_equal(
            kept["responses"][trial], np.load(mouse / f"data/responses/{trial}.npy")
        )
        np.testing.assert_array_equal(
            kept["images"][kept["labels"][trial]], np.load(mouse / f"data/images/{trial}.npy")[0]
        )
    assert kept["labels"].tolist() == [0, 1, 2, 1, 3, 4, 5]
    assert kept["images"].dtype == np.uint8
    assert columns(folder / "pictures.csv") == {
        "image": ["10", "3", "12", "14", "8", "15"],
        "tier": ["train", "test", "validation", "train", "test", "train"],
    }
    cells = columns(folder / "cells.csv")
    assert cells["population"] == ["V1", "V1", "LM", "V1", "LM"]
    assert cells["unit_id"] == ["100", "101", "102", "103", "104"]
    place = np.load(mouse / "meta/neurons/cell_motor_coordinates.npy")
    assert [int(x) for x in cells["x_um"]] == place[:, 0].tolist()
    assert found.settings == {
        "images.size_px": 16,
        "decoding.features": "pixels",
        "responses.populations_file": "cells.csv",
        "source.cell_table": "cells.csv",
        "recording.pixel_um": 1.0,
        "decoding.folds_from": "tier",
    }
    assert found.notes == []


def test_withheld_and_missing_trials_are_said_by_name(mouse, arrays):
    for trial in (0, 1, 3, 5):
        np.save(mouse / f"data/responses/{trial}.npy", np.zeros(5, np.float32))
    (mouse / "data/responses/4.npy").unlink()
    (mouse / "data/images/6.npy").unlink()
    found, kept, _ = arrays(mouse)
    assert np.isnan(kept["responses"]).all(axis=1).tolist() == [
        False, True, False, True, True, True, True,
    ]  # fmt: skip
    assert kept["labels"][6] == -1
    said = "\n".join(found.notes)
    assert "1 trial without a picture: left out (6.npy in data/images)" in said
    assert "1 trial without a file of responses: left out (4.npy)" in said
    assert "3 trials of test are withheld (zero in every cell)" in said


def test_a_trial_in_which_no_cell_responded_is_kept(mouse, arrays):
    np.save(mouse / "data/responses/3.npy", np.zeros(5, np.float32))
    found, kept, _ = arrays(mouse)
    assert (kept["responses"][3] == 0).all()
    assert found.notes == []
    assert found.settings["decoding.folds_from"] == "tier"


def test_without_responses_to_tested_images_folds_are_drawn(mouse, arrays):
    for trial in (1, 3, 5):
        np.save(mouse / f"data/responses/{trial}.npy", np.zeros(5, np.float32))
    found, _, _ = arrays(mouse)
    assert "decoding.folds_from" not in found.settings
    assert "only images that train have responses" in found.notes[-1]


def test_without_tiers_and_numbers_equal_pictures_are_repeats(mouse, arrays):
    (mouse / "meta/trials/tiers.npy").unlink()
    (mouse / "meta/trials/frame_image_id.npy").unlink()
    found, kept, _ = arrays(mouse)
    assert kept["labels"].tolist() == [0, 1, 2, 1, 3, 4, 5]
    assert "decoding.folds_from" not in found.settings
    said = "\n".join(found.notes)
    assert "no meta/trials/tiers.npy: folds are drawn" in said
    assert "trials with equal pictures were taken as repeats" in said


def test_a_training_trial_of_a_tested_picture_is_left_out(mouse, arrays):
    save(mouse / "meta/trials/frame_image_id.npy", np.array([3, 3, 12, 3, 14, 8, 15]))
    np.save(mouse / "data/images/0.npy", np.load(mouse / "data/images/1.npy"))
    found, kept, folder = arrays(mouse)
    assert kept["labels"].tolist() == [-1, 0, 1, 0, 2, 3, 4]
    assert columns(folder / "pictures.csv")["tier"][0] == "test"
    assert "1 trial that train with a picture which is tested" in found.notes[0]


def test_pictures_of_colour_and_large_ones(mouse, arrays):
    rng = np.random.default_rng(4)
    for each in set(IDS):
        picture = rng.random((3, 70, 90)).astype(np.float32)
        for trial in np.flatnonzero(np.array(IDS) == each):
            np.save(mouse / f"data/images/{trial}.npy", picture)
    found, kept, _ = arrays(mouse)
    assert kept["images"].shape == (6, 70, 90, 3)
    assert kept["images"].dtype == np.float32
    assert not {"images.size_px", "decoding.features"} & found.settings.keys()


@pytest.mark.parametrize(
    ("file", "values", "error", "said"),
    [
        ("data/responses/2.npy", np.ones(4), ResponseError, "2.npy: expected responses of 5"),
        ("data/responses/2.npy", np.full(5, np.inf), ResponseError, "cell 0 is infinite"),
        ("data/responses/0.npy", np.ones((5, 30)), ResponseError, "one response for each cell"),
        ("data/images/3.npy", np.ones((1, 9, 16)), StimulusImageError, "another picture than that"),
        ("data/images/2.npy", np.ones((1, 9, 15)), StimulusImageError, r"2.npy: expected \(9"),
        ("data/images/2.npy", np.ones(9), StimulusImageError, "expected a picture"),
        ("meta/trials/tiers.npy", np.array([*TIERS[:-1], "tran"]), ResponseError,
         "first being 'tran' of trial 6"),
        ("meta/trials/tiers.npy", np.array(TIERS[:4]), ResponseError, "has 4 trials"),
        ("meta/neurons/unit_ids.npy", np.arange(4), ResponseError, "unit_ids.npy has 4 cells"),
        ("meta/neurons/cell_motor_coordinates.npy", np.ones((5, 2)), ResponseError,
         "expected x, y and depth"),
        ("meta/trials/tiers.npy", np.array(TIERS, object), ResponseError, "holds Python objects"),
        ("data/responses/2.npy", np.array([1, None], object), ResponseError,
         "holds Python objects"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(mouse, arrays, file, values, error, said):
    save(mouse / file, values)
    with pytest.raises(error, match=said):
        arrays(mouse)


def test_folders_that_are_no_mouse_are_refused(mouse, tmp_path):
    assert Layout.of(tmp_path).path == mouse
    with pytest.raises(UsageError, match="Unzip it first"):
        Layout.of(tmp_path / "static.zip")
    (tmp_path / "other" / "data").mkdir(parents=True)
    with pytest.raises(UsageError, match="holds several mice: other, static1-2-3"):
        Layout.of(tmp_path)
    with pytest.raises(UsageError, match="expected the folder responses, and either images"):
        Layout.of(tmp_path / "other")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(UsageError, match="expected the folders data and meta"):
        Layout.of(tmp_path / "nothing")

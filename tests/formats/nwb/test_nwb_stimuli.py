"""What NWB files say was shown, written as a log and pictures."""

import csv

import h5py
import numpy as np
import nwb_files as made
import pytest
import tifffile
from pynwb.image import ImageSeries

from twophoton_decode.errors import ExtractionError, StimulusImageError, UsageError
from twophoton_decode.formats.nwb.contents import opened_nwb
from twophoton_decode.formats.nwb.log import Choices, write_shown


def written(path, folder, **choices):
    with opened_nwb(path) as contents:
        return write_shown(contents, folder, Choices(**choices))


def rows_of(folder):
    with (folder / "log.csv").open() as stream:
        return list(csv.DictReader(stream))


def picture(folder, name):
    return tifffile.imread(folder / "images" / f"{name}.tif")


def with_table(path, column, values, **more):
    """A table of intervals, one row a second."""
    file = made.empty_file()
    table = file.create_time_intervals("shown", "what was shown")
    table.add_column(column, "picture")
    for name in more:
        table.add_column(name, name)
    for place, value in enumerate(values):
        others = {name: each[place] for name, each in more.items()}
        table.add_row(start_time=float(place), stop_time=place + 0.5, **{column: value}, **others)
    made.add_scenes(file)
    return made.write(path, file)


@pytest.mark.parametrize(("make", "names"), [
    (made.allen_like, [f"NaturalScene{place + 6}" for place in range(made.SCENES)]),
    (made.nwb1, [f"image{place}" for place in range(made.SCENES)]),
])  # fmt: skip
def test_natural_scenes_with_blank_sweeps(tmp_path, make, names):
    """NaturalScene10 comes after NaturalScene9, and -1 is a blank even as an unsigned number."""
    found = written(make(tmp_path / "a.nwb"), tmp_path / "out")
    order, onset = made.shown_scenes()
    rows = rows_of(tmp_path / "out")
    expected = ["blank" if place < 0 else names[place] for place in order]
    assert [row["image"] for row in rows] == expected
    np.testing.assert_allclose([float(row["onset_s"]) for row in rows], onset)
    for name, pixels in zip(names, made.scenes(), strict=True):
        np.testing.assert_array_equal(picture(tmp_path / "out", name), pixels)
        assert picture(tmp_path / "out", name).dtype == np.uint8
    assert f"{made.REPEATS} of them blank" in found.notes[0]


def test_a_table_names_pictures_and_keeps_its_other_columns(tmp_path):
    names = ["NaturalScene6", "NaturalScene9", "gray"]
    more = {"category": ["a", "b", "c"], "stimulus_block": [1, 2, 3]}
    path = with_table(tmp_path / "a.nwb", "image_name", names, **more)
    written(path, tmp_path / "out", stimuli="shown")
    rows = rows_of(tmp_path / "out")
    assert [row["image"] for row in rows] == names
    assert [row["duration_s"] for row in rows] == ["0.5"] * 3
    assert [row["category"] for row in rows] == ["a", "b", "c"]
    assert [row["nwb stimulus_block"] for row in rows] == ["1", "2", "3"]


def test_a_table_of_places_and_a_column_that_is_named(tmp_path):
    path = with_table(tmp_path / "a.nwb", "which", [2.0, float("nan"), 0.0])
    written(path, tmp_path / "out", stimuli="shown", column="which")
    assert [row["image"] for row in rows_of(tmp_path / "out")] == [
        "NaturalScene8", "blank", "NaturalScene6",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="--stimuli shown: 0 of that name"):
        written(path, tmp_path / "other", stimuli="shown")


def test_of_several_the_choice_is_asked_for(tmp_path):
    path = with_table(tmp_path / "a.nwb", "image_name", ["NaturalScene6"])
    with pytest.raises(UsageError, match=r"shown \(TimeIntervals.*natural_scenes_stimulus \(Ind"):
        written(path, tmp_path / "out")
    assert not written(path, tmp_path / "out", stimuli="none").log
    assert not (tmp_path / "out").exists()


def test_an_image_series_shows_a_picture_in_each_frame(tmp_path):
    file = made.empty_file()
    frames = made.scenes()[[0, 1, 0, 2]]
    file.add_stimulus(ImageSeries(
        name="flashed", data=frames, unit="n.a.", format="raw", timestamps=[1.0, 2.0, 3.5, 5.0],
    ))  # fmt: skip
    written(made.write(tmp_path / "a.nwb", file), tmp_path / "out")
    rows = rows_of(tmp_path / "out")
    assert [row["image"] for row in rows] == ["image0", "image1", "image0", "image3"]
    assert [float(row["onset_s"]) for row in rows] == [1.0, 2.0, 3.5, 5.0]
    np.testing.assert_array_equal(picture(tmp_path / "out", "image3"), frames[3])


def test_pictures_are_turned_where_that_is_asked_for(tmp_path):
    written(made.allen_like(tmp_path / "a.nwb"), tmp_path / "out", transpose=True)
    np.testing.assert_array_equal(picture(tmp_path / "out", "NaturalScene6"), made.scenes()[0].T)


def test_dark_pictures_of_float_keep_the_range_of_the_others(tmp_path):
    path = made.nwb1(tmp_path / "a.nwb")
    with h5py.File(path, "a") as file:
        stack = file["stimulus/templates/natural_scenes_image_stack/data"]
        stack[0] = np.arange(stack[0].size).reshape(stack[0].shape) % 2
    written(path, tmp_path / "out")
    assert picture(tmp_path / "out", "image0").dtype == np.uint8
    with h5py.File(path, "a") as file:
        file["stimulus/templates/natural_scenes_image_stack/data"][1] = 0.25
    written(path, tmp_path / "again")
    assert {picture(tmp_path / "again", f"image{n}").dtype for n in range(5)} == {np.dtype("f4")}
    with h5py.File(path, "a") as file:
        file["stimulus/templates/natural_scenes_image_stack/data"][1, 0, 0] = np.nan
    with pytest.raises(StimulusImageError, match="image1: has values that are NaN"):
        written(path, tmp_path / "last")


def test_without_stimuli_or_pictures_traces_are_all(tmp_path):
    found = written(made.write(tmp_path / "a.nwb", made.empty_file()), tmp_path / "out")
    assert not found.log
    assert "no table or series of stimuli" in found.notes[0]
    with h5py.File(made.allen_like(tmp_path / "b.nwb"), "a") as file:
        del file["stimulus/presentation/natural_scenes_stimulus/indexed_images"]
        del file["stimulus/templates/natural_scenes_template"]
    found = written(tmp_path / "b.nwb", tmp_path / "out")
    assert "name them with --images" in found.notes[0]
    found = written(tmp_path / "b.nwb", tmp_path / "out", pictures=False)
    assert rows_of(tmp_path / "out")[1]["image"] == "0"


def test_a_place_that_no_picture_has_is_refused(tmp_path):
    path = made.allen_like(tmp_path / "a.nwb")
    with h5py.File(path, "a") as file:
        file["stimulus/presentation/natural_scenes_stimulus/data"][7] = 118
    with pytest.raises(ExtractionError, match="presentation 7 shows picture 118"):
        written(path, tmp_path / "out")


def test_a_name_never_leads_out_of_the_folder(tmp_path):
    path = made.allen_like(tmp_path / "a.nwb")
    with h5py.File(path, "a") as file:
        template = file["stimulus/templates/natural_scenes_template"]
        template.move("NaturalScene6", "..\\..\\evil")
        template.move("NaturalScene7", ".hidden")
    written(path, tmp_path / "out")
    assert len(list((tmp_path / "out" / "images").iterdir())) == made.SCENES
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.nwb", "out"]

"""Which files a movie is made of, and what is read of a folder."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.movie_paths import (
    MoviePath,
    belonging,
    in_order,
    join_dataset,
    split_dataset,
)

FRAMES = np.arange(5 * 8 * 9, dtype=np.uint16).reshape(5, 8, 9)


def hdf5(path):
    with h5py.File(path, "w") as file:
        file["data"] = FRAMES
    return path


@pytest.mark.parametrize(
    ("text", "file", "dataset"),
    [
        ("a.h5", "a.h5", ""),
        ("a.h5::/data", "a.h5", "/data"),
        ("/x/a.HDF5::group/data", "/x/a.HDF5", "group/data"),
        ("*.nwb::green", "*.nwb", "green"),
        ("a.h5::", "a.h5", ""),
        ("a.tif::/data", "a.tif::/data", ""),
        ("my::folder/a.tif", "my::folder/a.tif", ""),
    ],
)
def test_only_hdf5_files_have_datasets(text, file, dataset):
    assert split_dataset(text) == MoviePath(Path(file), dataset)
    assert split_dataset(Path(text)) == MoviePath(Path(file), dataset)


def test_a_dataset_survives_being_a_path():
    path = join_dataset(Path("/x/a.h5"), "/group/data")
    assert split_dataset(path) == MoviePath(Path("/x/a.h5"), "/group/data")
    assert join_dataset(Path("a.tif"), "") == Path("a.tif")


def test_tiffs_of_a_folder_are_read_and_other_movies_named(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", FRAMES, photometric="minisblack")
    hdf5(tmp_path / "results.h5")
    recording = open_recording([tmp_path])
    assert recording.layout == "plain"
    assert recording.warnings == (
        "results.h5 in the same folder is a movie of another kind, and not read",
    )
    assert open_recording([tmp_path / "a.tif"]).warnings == ()


def test_a_folder_of_one_other_kind_is_read(tmp_path):
    hdf5(tmp_path / "m_10.h5")
    hdf5(tmp_path / "m_2.hdf5")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / ".m_3.h5").write_text("")
    recording = open_recording([tmp_path])
    assert [Path(file).name for file in recording.file] == ["m_2.hdf5", "m_10.h5"]


def test_a_folder_of_several_other_kinds(tmp_path):
    hdf5(tmp_path / "a.h5")
    (tmp_path / "b.sbx").write_bytes(b"")
    with pytest.raises(MovieError, match=r"movies of several kinds, a\.h5 and b\.sbx: name those"):
        open_recording([tmp_path])


def test_files_of_several_kinds(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", FRAMES, photometric="minisblack")
    with pytest.raises(MovieError, match=r"of different kinds .*is hdf5, .*is tiff"):
        open_recording([tmp_path / "a.tif", hdf5(tmp_path / "b.h5")])


def test_a_dataset_of_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match=r"no file or folder .*gone\.h5 "):
        open_recording([f"{tmp_path}/gone.h5::/data"])


def test_datasets_of_one_file_keep_the_order_given(tmp_path):
    hdf5(tmp_path / "a.h5")
    paths = [f"{tmp_path}/a.h5::{name}" for name in ("z", "a")]
    assert [path.dataset for path in in_order(paths)] == ["z", "a"]


def test_headers_belong_to_their_movies(tmp_path):
    for name in ("a.sbx", "a.mat", "b.sbx", "T.xml", "c.tif"):
        (tmp_path / name).write_bytes(b"")
    everything = sorted(tmp_path.iterdir())
    assert belonging(tmp_path / "a.sbx") == [tmp_path / "a.sbx", tmp_path / "a.mat"]
    assert belonging(tmp_path / "b.sbx") == [tmp_path / "b.sbx"]
    assert belonging(tmp_path / "T.xml") == belonging(tmp_path) == everything
    assert belonging(tmp_path / "c.tif") == [tmp_path / "c.tif"]
    assert belonging(tmp_path / "d.h5::/data") == [tmp_path / "d.h5"]

"""Which files a movie is made of, and what is read of a folder."""

from pathlib import Path, PurePath

import h5py
import numpy as np
import pytest
import tifffile

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.series.belonging import belonging
from twophoton_decode.recording.series.paths import (
    MoviePath,
    join_dataset,
    movie_files,
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
    assert [path.dataset for path in movie_files(paths).files] == ["z", "a"]


def test_headers_belong_to_their_movies(tmp_path):
    for name in ("a.sbx", "a.mat", "b.sbx", "T.xml", "c.tif"):
        (tmp_path / name).write_bytes(b"")
    everything = sorted(tmp_path.iterdir())
    assert belonging(tmp_path / "a.sbx") == [tmp_path / "a.sbx", tmp_path / "a.mat"]
    assert belonging(tmp_path / "b.sbx") == [tmp_path / "b.sbx"]
    assert belonging(tmp_path / "T.xml") == belonging(tmp_path) == everything
    assert belonging(tmp_path / "c.tif") == [tmp_path / "c.tif"]
    assert belonging(tmp_path / "d.h5::/data") == [tmp_path / "d.h5"]


# However a file is spelled


@pytest.fixture
def numbered(tmp_path):
    """raw_2.tif and raw_10.tif of five frames each."""
    for number in (2, 10):
        file = tmp_path / f"raw_{number}.tif"
        tifffile.imwrite(file, FRAMES + number, photometric="minisblack")
    return tmp_path


def test_a_relative_and_an_absolute_path_of_one_file(numbered, monkeypatch):
    monkeypatch.chdir(numbered)
    with pytest.raises(UsageError, match=r"/raw_2\.tif is given twice, also as raw_2\.tif: name"):
        open_recording(["raw_2.tif", numbered / "raw_2.tif"])


def test_a_link_to_a_file_or_its_folder(numbered):
    (numbered / "more").mkdir()
    (numbered / "more" / "first.tif").symlink_to(numbered / "raw_2.tif")
    (numbered / "again").symlink_to(numbered)
    for other in ("more/first.tif", "again/raw_2.tif", "more/../raw_2.tif", "again"):
        with pytest.raises(UsageError, match=r"raw_2\.tif is given twice, also as"):
            open_recording([numbered / other, numbered / "raw_2.tif"])


def test_links_are_read_under_their_own_names(numbered):
    """Where a link leads is not where it stands in the order of its folder."""
    (numbered / "links").mkdir()
    (numbered / "links" / "a_1.tif").symlink_to(numbered / "raw_10.tif")
    (numbered / "links" / "a_2.tif").symlink_to(numbered / "raw_2.tif")
    names = [Path(file).name for file in open_recording([numbered / "links"]).file]
    assert names == ["a_1.tif", "a_2.tif"]


def test_files_of_one_folder_are_in_order_however_it_is_spelled(numbered, monkeypatch):
    monkeypatch.chdir(numbered)
    paths = [numbered / "raw_10.tif", "raw_2.tif"]
    assert [path.file.name for path in movie_files(paths).files] == ["raw_2.tif", "raw_10.tif"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("::data", "::/data"), ("::data", ""), ("", "::/data"), ("::/g/../data", "::data")],
)
def test_one_dataset_under_two_names(tmp_path, first, second):
    file = hdf5(tmp_path / "a.h5")
    with pytest.raises(UsageError, match=r"a\.h5(::/?data)? is given twice"):
        open_recording([f"{file}{first}", f"{file}{second}"])


def test_many_files_are_not_each_compared_with_all(tmp_path, monkeypatch):
    files = [tmp_path / f"raw_{number}.tif" for number in range(300)]
    for file in files:
        file.touch()
    compared = []
    same = PurePath.__eq__
    monkeypatch.setattr(PurePath, "__eq__", lambda a, b: compared.append(a) or same(a, b))
    found = movie_files([tmp_path]).files
    monkeypatch.undo()
    assert [path.file for path in found] == files
    assert len(compared) < 20 * len(files)

"""What [source] names."""

import pytest

from twophoton_decode.errors import UsageError
from twophoton_decode.pipeline.fingerprints import Fingerprints
from twophoton_decode.pipeline.inputs.sources import input_paths, source_paths, split_key
from twophoton_decode.session.folder import SessionFolder
from twophoton_decode.settings import Settings, Source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R.npy", ("R.npy", "")),
        ("/data/R.npz=responses", ("/data/R.npz", "responses")),
        ("R.H5=group/responses", ("R.H5", "group/responses")),
        ("/data/day=3/R.npy", ("/data/day=3/R.npy", "")),
        ("/data/day=3/R.mat=R", ("/data/day=3/R.mat", "R")),
        ("day=3", ("day=3", "")),
        ("R.mat::data.trials", ("R.mat", "data.trials")),
        ("R.mat=data.trials", ("R.mat", "data.trials")),
        ("a.nwb=/units/counts", ("a.nwb", "/units/counts")),
        ("a.nc=r", ("a.nc", "r")),
        ("a.zarr=r/x", ("a.zarr", "r/x")),
        ("shown.CSV=image", ("shown.CSV", "image")),
    ],
)
def test_a_key_belongs_to_a_file_of_arrays(text, expected):
    assert split_key(text) == expected


def test_a_glob_that_finds_two_logs_is_refused(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("image,onset_s\n")
    with pytest.raises(UsageError, match=r"finds 2 files, a\.csv and b\.csv"):
        source_paths(SessionFolder(tmp_path), Source(log="*.csv"), "log")
    assert source_paths(SessionFolder(tmp_path), Source(log="a*.csv"), "log") == [
        tmp_path / "a.csv"
    ]


def test_files_of_other_settings_are_found_in_the_same_way(tmp_path):
    folder = SessionFolder(tmp_path)
    settings = Settings.model_validate(
        {"source": {"log": "a.csv"}, "responses": {"cells_file": "chosen.txt"}}
    )
    with pytest.raises(
        UsageError, match=r"chosen\.txt: no such .*\[responses\] cells_file in sess"
    ):
        input_paths(folder, settings, "responses.cells_file")
    for name in ("a.csv", "chosen.txt"):
        (tmp_path / name).write_text("0\n")
    assert input_paths(folder, settings, "responses.cells_file") == [tmp_path / "chosen.txt"]
    assert input_paths(folder, settings, "log") == [tmp_path / "a.csv"]
    assert input_paths(folder, Settings(), "responses.cells_file") == []


@pytest.fixture
def movies(tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.tif").write_bytes(b"frames")
    return tmp_path / "raw"


def test_another_dataset_of_the_same_file_is_another_movie(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"frames")
    folder = SessionFolder(tmp_path)
    known = Fingerprints(tmp_path / "cache.json")
    found = {
        name: source_paths(folder, Source(movie=[f"{pattern}{name}"]), "movie")
        for pattern in ("a.h5", "*.h5")
        for name in ("", "::/green", "::/red")
    }
    # Globs stay globs: what they find is sorted out where the movie is opened.
    assert [str(paths[0]) for paths in found.values()] == [
        f"{tmp_path}/*.h5", f"{tmp_path}/*.h5::/green", f"{tmp_path}/*.h5::/red"
    ]  # fmt: skip
    assert len({known.of(paths, movie=True) for paths in found.values()}) == 3
    with pytest.raises(UsageError, match=r"gone\.h5: no such file"):
        source_paths(folder, Source(movie=["gone.h5::/red"]), "movie")

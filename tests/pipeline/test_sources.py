"""What [source] names."""

import pytest

from twophoton_decode.errors import UsageError
from twophoton_decode.pipeline.sources import input_paths, source_paths, split_key
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

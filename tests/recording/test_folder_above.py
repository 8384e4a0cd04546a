"""A folder above those that hold the movies: the message names the folders that do."""

import pytest

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.series.paths import movie_files


def folders(tmp_path, *names):
    for name in names:
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "a.tif").write_bytes(b"")


def told(folder):
    with pytest.raises(MovieError) as caught:
        movie_files([str(folder)])
    return str(caught.value)


def test_the_folders_that_hold_movies_are_named(tmp_path):
    folders(tmp_path, "day 1", "day 2")
    (tmp_path / "notes").mkdir()
    message = told(tmp_path)
    assert f"{tmp_path} itself holds no TIFF" in message
    assert f"Its folders hold some, {tmp_path / 'day 1'}, {tmp_path / 'day 2'}: name" in message
    assert "notes" not in message


def test_of_many_folders_a_few_are_named(tmp_path):
    folders(tmp_path, *(f"day{number}" for number in range(9)))
    assert "day3 and 5 more: name the one" in told(tmp_path)


def test_where_no_folder_holds_a_movie_none_is_named(tmp_path):
    (tmp_path / "deeper" / "still").mkdir(parents=True)
    assert told(tmp_path).endswith(".xml.")

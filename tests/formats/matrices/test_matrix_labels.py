from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

from twophoton_decode.errors import ResponseError, UsageError
from twophoton_decode.formats.matrices.label_file import read_labels
from twophoton_decode.formats.matrices.labels import image_of_labels
from twophoton_decode.settings.log import LogSettings

FROM_ONE = [f"{i:03d}.png" for i in range(1, 13)]
FROM_ZERO = [f"img_{i:03d}.png" for i in range(12)]
STACK = [str(i) for i in range(12)]


def read(labels, names=FROM_ONE, first_index=0, **settings):
    settings = LogSettings(**settings)
    return image_of_labels(
        np.array(labels), names, first_index=first_index, path=Path("L.npy"), settings=settings
    )


@pytest.mark.parametrize(
    "labels",
    [
        ["003.png", "001.png", "012.png"],
        ["003", "001", "012"],
        ["a/b/003.PNG", "C:\\shown\\001.png", "012.png"],
        [3, 1, 12],
        [3.0, 1.0, 12.0],
        ["3", "1", "12"],
    ],
)
def test_names_and_numbers_in_names(labels):
    assert read(labels)[0].tolist() == [2, 0, 11]


def test_a_number_in_a_name_wins_over_a_place_and_is_told():
    found = read([1, 2, 11])
    assert found[0].tolist() == [0, 1, 10]
    assert found[1] == [
        "Labels are read as the numbers in the pictures' names: 1 is '001.png', not '002.png', "
        "which has the index 1 counted from 0. If that is meant, add --picture-numbers index "
        '(picture_numbers = "index" under [log] in session.toml).'
    ]
    assert read([1, 2, 11], picture_numbers="index")[0].tolist() == [1, 2, 11]
    assert read([1, 2, 11], picture_numbers="index")[1] == []
    assert read([0, 1, 11], FROM_ZERO)[1] == []


def test_first_index_one_means_places():
    found = read([1, 2, 11], FROM_ZERO, first_index=1)
    assert found[0].tolist() == [0, 1, 10]
    assert found[1] == [
        "Labels are read as indices from 1: 1 is 'img_000.png', not 'img_001.png'. If that is "
        'meant, add --picture-numbers name (picture_numbers = "name" under [log] in session.toml).'
    ]
    assert read([1, 2, 11], FROM_ZERO, 1, picture_numbers="name")[0].tolist() == [1, 2, 11]


def test_labels_of_a_stack_that_may_count_from_one_are_told():
    found = read([1, 2, 11], STACK)
    assert found[0].tolist() == [1, 2, 11]
    assert "none is 0: the first picture is never shown" in found[1][0]
    assert "add --first-index 1" in found[1][0]
    assert read([1, 2, 11], STACK, first_index=1)[0].tolist() == [0, 1, 10]
    assert read([1, 2, 11], STACK, first_index=1)[1] == []
    assert read([0, 2, 11], STACK)[1] == []
    assert read([1, 2, 11], FROM_ZERO)[1] == []


def test_labels_past_the_last_picture_say_how_to_count_from_one():
    with pytest.raises(ResponseError, match=r"row 2 .*index is 12, .* 0 to 11\..*--first-ind"):
        read([1, 2, 12], STACK)
    with pytest.raises(ResponseError, match=r"row 2 .*index is 12, .* indices 0 to 11\.$"):
        read([0, 2, 12], STACK)


@pytest.mark.parametrize(
    "labels", [[2, -1, 5, np.nan], ["2", "blank", "5", ""], ["002.png", "-1", "005", "Gray"]]
)
def test_blanks_are_skipped_and_counted(labels):
    found = read(labels)
    assert found[0].tolist() == [1, -1, 4, -1]
    assert "2 of 4 presentations showed no picture" in found[1][-1]


def test_unknown_and_ambiguous_names():
    with pytest.raises(
        ResponseError,
        match=r"row 1 .*there is no picture called '01.png'.*Did you",
    ):
        read(["001.png", "01.png"])
    with pytest.raises(ResponseError, match=r"'a' could be any of a.png, a.jpg"):
        read(["a"], ["a.png", "a.jpg"])
    with pytest.raises(ResponseError, match=r"row 0 .*index of one of 12 images, found 'cat.png'"):
        read(["cat.png"], STACK)
    with pytest.raises(ResponseError, match=r"row 1 .*: labels must be whole numbers.* found 2.5"):
        read([1, 2.5])


def test_labels_are_read_as_a_log_is():
    assert read([2, 1], ["cat1.png", "dog2.png"])[0].tolist() == [1, 0]
    assert read(["blank", "1"], ["blank.png", "1.png"])[0].tolist() == [0, 1]
    with pytest.raises(ResponseError, match=r"'a.png' is shown from two folders, 'x/' and 'y/'"):
        read(["x/a.png", "y/a.png"], ["a.png", "b.png"])
    with pytest.raises(ResponseError, match=r"row 0 .*the image 1 can be '.*--picture-numbers ind"):
        read([1, 2], ["1_of_2.png", "2_of_1.png", "3_of_3.png"])


def test_text_files(tmp_path):
    path = tmp_path / "L.csv"
    path.write_text("image\n003.png\n\n001.png\n\n")
    assert read_labels(path).tolist() == ["003.png", "", "001.png"]
    path.write_text("shown\n3\n1\n")
    assert read_labels(path).tolist() == ["3", "1"]
    path.write_text("\ufefftrial;image\n0;003.png\n1;001.png\n", encoding="utf-8")
    assert read_labels(path, "image").tolist() == ["003.png", "001.png"]
    with pytest.raises(UsageError, match=r"has 2 columns; name one of its header, .*L.csv=image"):
        read_labels(path)
    with pytest.raises(UsageError, match="no column 'picture'; its header is trial, image"):
        read_labels(path, "picture")
    path.write_text("3\n1\n")
    assert read_labels(path).tolist() == ["3", "1"]
    path.write_text("\n\n")
    with pytest.raises(ResponseError, match="holds no labels"):
        read_labels(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ResponseError, match="cannot be read as text"):
        read_labels(path)


def test_empty_cells_at_the_end_of_a_table_with_tabs_are_cells(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("picture\toriginal\tseen\n0\t1\tyes\n1\t\t\n")
    assert read_labels(path, "original").tolist() == ["1", ""]
    assert read_labels(path, "seen").tolist() == ["yes", ""]


def test_arrays_of_names(tmp_path):
    names = np.array(["003.png", "001.png"])
    np.save(tmp_path / "L.npy", names)
    np.savez(tmp_path / "L.npz", shown=names, other=0)
    scipy.io.savemat(tmp_path / "L.mat", {"shown": names.astype(object)})
    with h5py.File(tmp_path / "L.h5", "w") as file:
        file["shown"] = ["003.png", "001.png"]
    assert read_labels(tmp_path / "L.npy").tolist() == names.tolist()
    assert read_labels(tmp_path / "L.npz", "shown").tolist() == names.tolist()
    assert read_labels(tmp_path / "L.mat", "shown").tolist() == names.tolist()
    assert read_labels(tmp_path / "L.h5", "shown").tolist() == names.tolist()


def test_a_pickle_is_not_opened(tmp_path):
    np.save(tmp_path / "L.npy", np.array([{"a": 1}, None], dtype=object))
    with pytest.raises(ResponseError, match="Python objects"):
        read_labels(tmp_path / "L.npy")


def test_labels_along_two_axes_are_refused(tmp_path):
    np.save(tmp_path / "L.npy", np.arange(6).reshape(2, 3))
    with pytest.raises(ResponseError, match=r"along one axis, .* found 2 × 3"):
        read_labels(tmp_path / "L.npy")
    np.save(tmp_path / "L.npy", np.arange(6)[None, :, None])
    assert read_labels(tmp_path / "L.npy").tolist() == list(range(6))

import numpy as np
import pytest

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.arrays import import_arrays
from twophoton_decode.formats.matrices.label_file import read_groups
from twophoton_decode.settings import ResponseSettings


def test_names_and_numbers_become_groups(tmp_path):
    (tmp_path / "scene.txt").write_text("group\nowl\n\nlake\nowl\n")
    np.testing.assert_array_equal(read_groups(tmp_path / "scene.txt", "", 4), [1, -1, 0, 1])
    np.save(tmp_path / "scene.npy", np.array([7.0, np.nan, 7.0, 2.0]))
    np.testing.assert_array_equal(read_groups(tmp_path / "scene.npy", "", 4), [1, -1, 1, 0])


def test_groups_for_another_number_of_pictures_are_refused(tmp_path):
    np.save(tmp_path / "scene.npy", np.arange(5))
    with pytest.raises(ResponseError, match=r"a group for each of the 4 pictures, found 5"):
        read_groups(tmp_path / "scene.npy", "", 4)


def test_imported_responses_keep_the_groups_of_pictures_that_were_shown(tmp_path):
    rng = np.random.default_rng(0)
    response = rng.random((3, 5, 4))
    response[:, 1] = np.nan
    np.save(tmp_path / "R.npy", response)
    np.save(tmp_path / "I.npy", rng.random((5, 8, 8)))
    np.save(tmp_path / "G.npy", np.array([3, 3, 1, 0, 3]))
    found = import_arrays(
        tmp_path / "R.npy",
        "repeat image cell",
        tmp_path / "I.npy",
        settings=ResponseSettings(),
        size_px=8,
        groups=tmp_path / "G.npy",
    )
    np.testing.assert_array_equal(found.image_group, [2, 1, 0, 2])

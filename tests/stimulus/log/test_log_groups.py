import numpy as np
import pytest

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log

NAMES = ["owl.png", "owl_moved.png", "tree.png", "never.png", "lake.png"]
ROWS = [
    ("owl", "0", "bird"), ("tree", "2", ""), ("owl_moved", "4", "bird"), ("gray", "6", "odd"),
    ("lake", "8", "water"), ("owl", "10", "bird"),
]  # fmt: skip


def read(folder, rows=ROWS, column="Scene"):
    path = folder / "log.csv"
    path.write_text("image,onset_s,scene\n" + "".join(f"{','.join(row)}\n" for row in rows))
    return read_log(path, NAMES, frame_rate_hz=30.0, settings=LogSettings(group_column=column))


def test_pictures_get_the_group_of_their_rows(tmp_path):
    np.testing.assert_array_equal(read(tmp_path).image_group, [0, 0, -1, -1, 1])


def test_without_the_setting_there_are_no_groups(tmp_path):
    assert read(tmp_path, column="").image_group is None


def test_a_picture_in_two_groups_is_refused(tmp_path):
    rows = [*ROWS, ("owl", "12", "animal")]
    with pytest.raises(StimulusLogError, match=r"line 8: .* group 'animal', .* 'bird' in line 2"):
        read(tmp_path, rows)


def test_a_column_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match=r"group_column names the column 'class'"):
        read(tmp_path, column="class")

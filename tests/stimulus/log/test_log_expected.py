"""Rows whose picture was expected, but not shown: no presentations, and no blanks."""

import numpy as np
import pytest
from test_log_blanks import read

from twophoton_decode.errors import SettingsError, StimulusLogError

LOG = (
    "image,onset_s,condition\n"
    "owl,1,shown\nfox,2,Omitted\nowl,3,shown\n,4,blank\nelk,5,cued\nelk,6,blank\nfox,7,shown\n"
    ",8,omitted\nelk,,omitted\n"
)


def test_expected_pictures_are_kept_apart(tmp_path):
    log = read(tmp_path, LOG, condition_column="condition")
    names = log.image_name[log.image].tolist()
    assert [name.partition(".")[0] for name in names] == ["owl", "owl", "fox"]
    assert log.onset_s.tolist() == [1.0, 3.0, 7.0]
    assert log.repeat.tolist() == [0, 1, 0]
    # Nothing was on the screen before the third row and the seventh.
    assert log.previous.tolist() == [-1, -1, -1]
    assert log.expected_onset_s.tolist() == [2.0, 5.0]
    assert log.expected_condition.tolist() == ["omitted", "cued"]
    expected = log.image_name[log.expected_image].tolist()
    assert [name.partition(".")[0] for name in expected] == ["fox", "elk"]
    # An omission without an expectation is a blank, and so is what the condition calls blank.
    assert log.blank_onset_s.tolist() == [4.0, 6.0, 8.0]
    said = "2 rows with a picture that was not shown are kept out of responses"
    assert any(said in note and "1 × omitted, 1 × cued" in note for note in log.notes)


def test_without_the_setting_a_column_is_pointed_out_and_every_row_counts(tmp_path):
    text = LOG.replace(",8,omitted\n", "").replace("elk,,omitted\n", "")
    log = read(tmp_path, text)
    assert log.onset_s.tolist() == [1.0, 2.0, 3.0, 5.0, 6.0, 7.0]
    assert log.expected_onset_s.size == 0
    said = "2 rows with condition = omitted count as presentations of their picture"
    assert any(said in note for note in log.notes)
    assert not any("count as" in note for note in read(tmp_path, text, without_picture=["x"]).notes)


def test_excluded_rows_are_not_expected_either(tmp_path):
    log = read(tmp_path, LOG, exclude={"condition": ["cued"]}, condition_column="condition")
    assert log.expected_condition.tolist() == ["omitted"]
    assert "condition = cued" in log.left_out_reason.tolist()
    assert np.isnan(log.left_out_onset_s[log.left_out_reason == "condition = cued"]).all()


def test_an_expected_picture_has_to_be_one(tmp_path):
    with pytest.raises(StimulusLogError, match=r"line 3: there is no picture called 'bat'"):
        read(tmp_path, LOG.replace("fox,2", "bat,2"), condition_column="condition")
    with pytest.raises(SettingsError, match="trial"):
        read(tmp_path, LOG, condition_column="trial")


def test_conditions_in_numbers_are_compared_as_numbers(tmp_path):
    text = "image,onset_s,trial\nowl,1,0.0\nfox,2,1.0\nelk,3,\n"
    log = read(tmp_path, text, condition_column="trial", without_picture=["1"])
    assert log.onset_s.tolist() == [1.0, 3.0]
    assert log.expected_onset_s.tolist() == [2.0]
    assert log.expected_condition.tolist() == ["1"]


def test_a_column_without_any_of_the_words_is_pointed_out(tmp_path):
    text = LOG.replace("mitted", "mited").replace("cued", "shown")
    log = read(tmp_path, text, condition_column="condition")
    assert log.expected_onset_s.size == 0
    said = "no row of the log has omitted, cued in the column condition"
    note = next(note for note in log.notes if said in note)
    assert "its values are shown, omited, blank." in note

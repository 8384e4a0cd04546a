import pytest

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log

NAMES = ["owl.png", "fox.png", "elk.png"]


def read(tmp_path, text, names=NAMES, exclude=None, **settings):
    path = tmp_path / "shown.csv"
    path.write_text(text)
    options = {"frame_rate_hz": 10.0, "settings": LogSettings(**settings), "exclude": exclude}
    return read_log(path, names, **options)


def test_blanks_are_taken_out_before_pictures_are_looked_up_and_keep_their_onsets(tmp_path):
    log = read(tmp_path, "image,onset_s\nowl,1\nGrey,2\nfox,3\n,4\nblank,5\nelk,6\n,\n-1,7\n")
    assert log.image.tolist() == [0, 1, 2]
    assert log.log_line.tolist() == [2, 4, 7]
    assert log.blank_onset_s.tolist() == [2.0, 4.0, 5.0, 7.0]
    assert log.blank_line.tolist() == [3, 5, 6, 9]
    assert log.left_out_line.size == 0
    assert log.notes[1] == (
        "4 rows without a picture are left out as blanks (1 × Grey, 1 × empty, 1 × blank, 1 × -1)."
    )


def test_rows_with_neither_picture_nor_onset_are_no_blanks(tmp_path):
    log = read(tmp_path, "image,onset_s,key\n,,space\nowl,1,\nnone,,\n")
    assert log.blank_onset_s.size == 0
    assert log.notes[1] == ("Passed over: 2 rows without picture and onset, the first in line 2.")


def test_a_picture_called_blank_is_a_picture(tmp_path):
    log = read(tmp_path, "image,onset_s\nblank,1\ngrey,2\nowl,3\n", ["owl.png", "blank.png"])
    assert log.image.tolist() == [1, 0]
    assert log.blank_onset_s.tolist() == [2.0]


def test_the_image_before_a_presentation_is_known_unless_it_was_a_blank(tmp_path):
    text = "image,onset_s,eye\nowl,1,0\nfox,2,1\nelk,3,0\ngray,4,0\nfox,5,0\nelk,6,0\n"
    log = read(tmp_path, text, exclude={"eye": ["1"]})
    assert log.image.tolist() == [0, 2, 1, 2]
    assert log.previous.tolist() == [-1, 1, -1, 1]
    assert log.repeat.tolist() == [0, 0, 1, 1]
    assert (log.left_out_line.tolist(), log.left_out_reason.tolist()) == ([3], ["eye = 1"])


def test_excluded_rows_need_no_picture_and_no_onset(tmp_path):
    text = "image,onset_s,type\nowl,1,image\ngrating_45,2,other\ntext,soon,other\nfox,3,image\n"
    log = read(tmp_path, text, exclude={"Type": ["other"]})
    assert log.image.tolist() == [0, 1]
    assert log.left_out_line.tolist() == [3, 4]
    assert log.left_out_reason.tolist() == ["type = other"] * 2
    assert log.blank_onset_s.size == 0


def test_rows_excluded_as_blank_are_blanks(tmp_path):
    text = "image,onset_s,type\nowl,1,image\nscreen,2,Blank\nfox,3,image\n"
    log = read(tmp_path, text, exclude={"type": ["Blank"]})
    assert log.blank_onset_s.tolist() == [2.0]
    assert log.left_out_reason.tolist() == ["type = Blank"]


@pytest.mark.parametrize(
    ("values", "given"),
    [(["0", "1.0"], "1"), (["0", "1"], "1.0"), (["FALSE", "TRUE"], "true"), (["no", "yes"], "yes")],
)
def test_values_to_exclude_are_compared_by_what_they_mean(tmp_path, values, given):
    rows = "".join(f"owl,{i},{value}\n" for i, value in enumerate(values))
    log = read(tmp_path, f"image,onset_s,run\n{rows}", exclude={"run": [given]})
    assert log.left_out_reason.tolist() == [f"run = {values[1]}"]


def test_values_that_no_row_has_are_said_with_those_there_are(tmp_path):
    text = "image,onset_s,run\nowl,1,no\nfox,2,yes\nelk,3,\n"
    log = read(tmp_path, text, exclude={"run": ["moving", "yes"]})
    assert log.left_out_line.tolist() == [3]
    assert log.notes[1] == (
        "exclude: no row of the log has run = moving; its values are no, yes, empty."
    )


def test_an_unknown_column_to_exclude_by_is_a_wrong_setting(tmp_path):
    with pytest.raises(SettingsError, match=r"exclude names the column 'eye', but the columns of"):
        read(tmp_path, "image,onset_s\nowl,1\n", exclude={"eye": ["1"]})


def test_a_log_of_which_nothing_is_left_says_why(tmp_path):
    with pytest.raises(StimulusLogError, match=r"none of the 2 rows shows a picture.*leaves out 2"):
        read(tmp_path, "image,onset_s,x\nowl,1,a\nfox,2,a\n", exclude={"x": ["a"]})


def test_other_words_for_a_blank_screen(tmp_path):
    text = "image,onset_s\n1,1\n0,2\n3,3\n"
    log = read(
        tmp_path, text, ["1.png", "2.png", "3.png"], blank_values=["0"], picture_numbers="name"
    )
    assert log.image.tolist() == [0, 2]

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twophoton_decode.errors import AlignmentError, StimulusLogError, UsageError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log

NAMES = ["owl.png", "fox.png", "elk.png"]


def write(tmp_path, text, name="shown.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def read(tmp_path, text, names=NAMES, **options):
    return read_log(write(tmp_path, text), names, **{"frame_rate_hz": 10.0} | options)


def test_a_log_in_seconds_is_read_with_its_other_columns(tmp_path):
    log = read(
        tmp_path,
        "image,onset_s,duration_s,moving\nfox.png,1.5,0.5,0\nowl.png,3,,1\nfox.png,4.5,0.5,0\n",
    )
    assert log.image.tolist() == [1, 0, 1]
    assert log.repeat.tolist() == [0, 0, 1]
    assert log.onset_s.tolist() == [1.5, 3.0, 4.5]
    np.testing.assert_array_equal(log.duration_s, [0.5, np.nan, 0.5])
    assert log.log_line.tolist() == [2, 3, 4]
    assert log.image_name.tolist() == NAMES
    assert log.columns == {"moving": ["0", "1", "0"]}
    assert log.sorted_rows == 0


def test_frames_become_the_times_at_which_they_begin(tmp_path):
    log = read(tmp_path, "image\tonset_frame\nowl\t0\nfox\t25\n")
    assert log.onset_s.tolist() == [0.0, 2.5]
    assert log.columns == {}
    assert np.isnan(log.duration_s).all()


def test_counting_from_one_moves_images_and_frames(tmp_path):
    log = read(tmp_path, "image,onset_frame\n1,1\n3,26\n", first_index=1)
    assert log.image.tolist() == [0, 2]
    assert log.onset_s.tolist() == [0.0, 2.5]


def test_onset_s_counts_where_both_onsets_are_there_and_agree(tmp_path):
    log = read(tmp_path, "image,onset_s,onset_frame\nowl,1.04,11\n")
    assert log.onset_s.tolist() == [1.04]
    assert log.columns == {"onset_frame": ["11"]}
    assert len(log.notes) == 1


def test_rows_out_of_order_are_sorted_and_counted_if_the_settings_say_so(tmp_path):
    text = "image,onset_s,trial\nowl,5,a\nowl,1,b\nfox,3,c\nelk,6,d\n"
    log = read(tmp_path, text, settings=LogSettings(order="sort"))
    assert log.onset_s.tolist() == [1, 3, 5, 6]
    assert log.image.tolist() == [0, 1, 0, 2]
    assert log.repeat.tolist() == [0, 0, 1, 0]
    assert log.log_line.tolist() == [3, 4, 2, 5]
    assert log.columns["trial"] == ["b", "c", "a", "d"]
    assert log.sorted_rows == 2


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffimage,onset_s\nowl.png,1\nfox.png,2\n",
        "image,onset_s\r\nowl.png,1\r\nfox.png,2\r\n",
        "image;onset_s\nowl;1\nfox;2\n",
        " image , onset_s \n\n owl , 1 \n\n fox , 2 \n\n",
        '"image","onset_s"\n"owl.png","1"\n"fox.png","2"',
    ],
    ids=["BOM", "CRLF", "semicolons", "blanks", "quotes"],
)
def test_the_ways_of_writing_the_same_log(tmp_path, text):
    log = read(tmp_path, text)
    assert (log.image.tolist(), log.onset_s.tolist()) == ([0, 1], [1.0, 2.0])


def test_lines_are_counted_as_an_editor_counts_them(tmp_path):
    assert read(tmp_path, "image,onset_s\n\nowl,1\n\nfox,2\n").log_line.tolist() == [3, 5]


def test_numbers_are_names_where_pictures_have_these_names(tmp_path):
    names = ["1.png", "2.png", "10.png"]
    assert read(tmp_path, "image,onset_s\n1,0\n10,1\n2,2\n", names).image.tolist() == [0, 2, 1]
    assert read(tmp_path, "image,onset_s\n0,0\n1,1\n2,2\n", names).image.tolist() == [0, 1, 2]


def test_a_stack_is_counted_from_first_index(tmp_path):
    stack = ["0", "1", "2"]
    text = "image,onset_s\n1,0\n2.0,1\n"
    assert read(tmp_path, text, stack).image.tolist() == [1, 2]
    assert read(tmp_path, text, stack, first_index=1).image.tolist() == [0, 1]


BAD = {
    "no image column": (
        "scene,onset_s\nowl,1\n",
        "expected a column called image, found scene, onset_s. Rename the column of the pictures, "
        "name it by image_column under [log] in session.toml, or, if the file has no header",
    ),
    "no onset column": (
        "image,when\nowl,1\n",
        "expected a column called onset_s or onset_frame, found image, when. Rename the column of "
        "the onsets, name it by onset_column under [log]",
    ),
    "no header": ("owl,1.5\nfox,3\n", "add one as its first line"),
    "repeated column": ("image,onset_s,a,a\nowl,1,2,3\n", "the column name a appears more than"),
    "header only": ("image,onset_s\n", "found a header but no rows"),
    "empty": ("\n", "found an empty file"),
    "misspelt": (
        "image,onset_s\nowl,1\nfix.png,2\n",
        "line 3: there is no picture called 'fix.png' among the 3 pictures. Did you mean 'fox.png'",
    ),
    "unlike any": ("image,onset_s\nzebra99,1\n", "no picture called 'zebra99' among the 3 pict"),
    "index equal to the count": (
        "image,onset_s\n1,1\n2,2\n3,3\n",
        "line 4: the image index is 3, but the 3 pictures have the indices 0 to 2. If they "
        "count from 1, set first_index = 1",
    ),
    "index beyond": ("image,onset_s\n7,1\n", "the image index is 7, but the 3 pictures"),
    "negative index": ("image,onset_s\n-2,1\n", "the image index is -2"),
    "onset not a number": (
        "image,onset_s\nowl,1\nfox,soon\n",
        "line 3: expected a number in column onset_s, found 'soon'",
    ),
    "no onset at all": ("image,onset_s\nowl,\n", "none of the 1 rows shows a picture at an onset"),
    "onset infinite": ("image,onset_s\nowl,inf\n", "found 'inf'"),
    "duration below zero": ("image,onset_s,duration_s\nowl,1,-2\n", "the duration -2, below zero"),
    "back in time": (
        "image,onset_s\nowl,5\nfox,7\nelk,2\n",
        "line 4: the log goes back in time, from 7 s in line 3 to 2 s. If the clock restarted or "
        'several logs were joined, set order = "blocks" and block_starts_s',
    ),
    "duration not a number": ("image,onset_s,duration_s\nowl,1,long\n", "column duration_s"),
    "short row": ("image,onset_s\nowl,1\nfox\n", "line 3: expected 2 values like the header, fo"),
    "doubled row": (
        "image,onset_s\nowl,1\nowl,1\nfox,2\n",
        "lines 2 and 3: two presentations begin at 1 s (1 such pairs)",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD.values(), ids=BAD.keys())
def test_a_bad_log_says_what_is_wrong_and_where(tmp_path, text, message):
    with pytest.raises(StimulusLogError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "shown.csv" in str(caught.value)
    assert caught.value.exit_code == 1


def test_the_hint_on_counting_from_one_is_given_only_where_it_helps(tmp_path):
    with pytest.raises(StimulusLogError) as caught:
        read(tmp_path, "image,onset_s\n4,1\n", first_index=1)
    assert "have the indices 1 to 3." in str(caught.value)
    assert "count from 1" not in str(caught.value)


def test_a_name_without_ending_that_two_pictures_share_is_refused(tmp_path):
    with pytest.raises(StimulusLogError, match=r"any of owl\.png, owl\.jpg; write the name with"):
        read(tmp_path, "image,onset_s\nowl,1\n", ["owl.png", "owl.jpg"])
    log = read(tmp_path, "image,onset_s\nowl.jpg,1\n", ["owl.png", "owl.jpg"])
    assert log.image.tolist() == [1]


def test_a_name_in_the_log_of_a_stack_is_refused(tmp_path):
    with pytest.raises(StimulusLogError, match="expected the index of one of 2 images, found 'owl"):
        read(tmp_path, "image,onset_s\nowl,1\n", ["0", "1"])


def test_frames_need_a_frame_rate(tmp_path):
    with pytest.raises(AlignmentError, match="Set frame_rate_hz"):
        read(tmp_path, "image,onset_frame\nowl,1\n", frame_rate_hz=0.0)


def test_no_such_log(tmp_path):
    with pytest.raises(UsageError, match="no such stimulus log"):
        read_log(tmp_path / "none.csv", NAMES, frame_rate_hz=1.0)


def test_a_pipe_as_a_log_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "shown.csv")
    with pytest.raises(UsageError, match=r"shown\.csv is a pipe: expected the file of a stimulus"):
        read_log(tmp_path / "shown.csv", ["owl"], frame_rate_hz=10.0)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x81\x8d\xff\xfe\x00\x01")
    with pytest.raises(StimulusLogError, match="in UTF-8"):
        read_log(path, NAMES, frame_rate_hz=1.0)


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 10**6)),
        min_size=1,
        max_size=30,
        unique_by=lambda row: row[1],
    )
)
def test_the_order_of_rows_does_not_matter(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("log")

    def read_rows(rows):
        lines = "".join(f"{NAMES[image]},{onset / 8}\n" for image, onset in rows)
        return read(folder, "image,onset_s\n" + lines, settings=LogSettings(order="sort"))

    given_order, in_order = read_rows(rows), read_rows(sorted(rows, key=lambda row: row[1]))
    assert in_order.sorted_rows == 0
    assert (given_order.sorted_rows > 0) == (rows != sorted(rows, key=lambda row: row[1]))
    for name in ("image", "repeat", "onset_s"):
        np.testing.assert_array_equal(getattr(given_order, name), getattr(in_order, name))


def test_frames_of_an_uneven_movie_become_the_times_at_which_they_were_taken(tmp_path):
    began = np.arange(40) / 10 + np.repeat([0.0, 60.0], 20)
    log = read(tmp_path, "image,onset_frame\nowl,3\nfox,20\n", frame_time_s=began)
    assert log.onset_s.tolist() == [0.3, 62.0]

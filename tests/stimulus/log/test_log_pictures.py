import pytest

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.log import read_log
from twophoton_decode.stimulus.presentations.picture_numbers import numbers_in_names

FROM_ONE = [f"{k:03d}.png" for k in range(1, 13)]
FROM_ZERO = [f"picture_{k:03d}.png" for k in range(12)]


def read(tmp_path, references, names, first_index=0, **settings):
    path = tmp_path / "shown.csv"
    rows = [f"{each},{i}" for i, each in enumerate(references)]
    path.write_text("\n".join(["image,onset_s", *rows]) + "\n")
    options = {"frame_rate_hz": 10.0, "settings": LogSettings(**settings)}
    return read_log(path, names, first_index=first_index, **options)


def names_shown(log):
    return [str(log.image_name[i]) for i in log.image]


def test_a_number_is_the_number_in_the_name_where_no_index_fits(tmp_path):
    log = read(tmp_path, [3, 1, 12], FROM_ONE)
    assert names_shown(log) == ["003.png", "001.png", "012.png"]
    assert log.notes[1:] == (
        "Numbers in the log are read as the numbers in the pictures' names: 3 is '003.png'.",
    )


def test_a_number_is_an_index_where_no_name_fits(tmp_path):
    log = read(tmp_path, [3, 0, 11], FROM_ONE)
    assert names_shown(log) == ["004.png", "001.png", "012.png"]
    assert "read as indices from 0: 3 is '004.png', not '003.png'" in log.notes[1]


def test_both_readings_are_one_where_names_count_from_zero(tmp_path):
    log = read(tmp_path, [3, 1, 11], FROM_ZERO)
    assert names_shown(log) == ["picture_003.png", "picture_001.png", "picture_011.png"]
    assert len(log.notes) == 1


def test_a_number_in_a_name_means_that_picture_and_the_other_reading_is_told(tmp_path):
    log = read(tmp_path, [3, 1, 11], FROM_ONE)
    assert names_shown(log) == ["003.png", "001.png", "011.png"]
    assert log.notes[1:] == (
        "Numbers in the log are read as the numbers in the pictures' names: 3 is '003.png', not "
        "'004.png', which has the index 3 counted from 0. If that is meant, set picture_numbers "
        '= "index" under [log] in session.toml.',
    )


def test_names_with_two_numbers_are_read_by_the_one_that_fits(tmp_path):
    names = ["1_cat.png", "2_dog30.png", "3_owl45.png"]
    assert names_shown(read(tmp_path, [2, 1], names)) == ["2_dog30.png", "1_cat.png"]
    names = ["001_left30.png", "002_left45.png"]
    assert names_shown(read(tmp_path, [45, 30], names)) == names[::-1]


def test_two_numbers_in_each_name_that_nothing_decides_between_ask(tmp_path):
    names = ["1_of_2.png", "2_of_1.png", "3_of_3.png"]
    with pytest.raises(StimulusLogError) as caught:
        read(tmp_path, [3, 1, 2], names)
    message = str(caught.value)
    assert "line 3: the image 1 can be '1_of_2.png' or '2_of_1.png'" in message
    assert 'picture_numbers = "index" under [log] in session.toml (counted from 0)' in message
    assert "set first_index = 1 under [recording]" in message
    log = read(tmp_path, [2, 0, 1], names, picture_numbers="index")
    assert names_shown(log) == ["3_of_3.png", "1_of_2.png", "2_of_1.png"]


@pytest.mark.parametrize(
    ("setting", "first_index", "shown"),
    [
        ("name", 0, ["003.png", "001.png"]),
        ("index", 0, ["004.png", "002.png"]),
        ("auto", 1, ["003.png", "001.png"]),
        ("index", 1, ["003.png", "001.png"]),
    ],
)
def test_the_settings_decide(tmp_path, setting, first_index, shown):
    log = read(tmp_path, [3, 1], FROM_ONE, first_index, picture_numbers=setting)
    assert names_shown(log) == shown


def test_frames_from_one_do_not_move_numbers_that_are_in_the_names(tmp_path):
    log = read(tmp_path, [0, 3], FROM_ZERO, first_index=1)
    assert names_shown(log) == ["picture_000.png", "picture_003.png"]
    log = read(tmp_path, [1, 3], FROM_ZERO, first_index=1)
    assert names_shown(log) == ["picture_000.png", "picture_002.png"]
    assert "read as indices from 1: 1 is 'picture_000.png', not 'picture_001.png'" in log.notes[1]


def test_names_far_from_their_indices(tmp_path):
    assert names_shown(read(tmp_path, [102, 101], ["s1_101.png", "s1_102.png"])) == [
        "s1_102.png",
        "s1_101.png",
    ]


def test_a_number_without_a_picture_says_both_readings(tmp_path):
    with pytest.raises(StimulusLogError) as caught:
        read(tmp_path, [1, 2, 40], FROM_ONE)
    message = str(caught.value)
    assert "line 4: no picture has the number 40 in its name (they are 1 to 12)" in message
    assert "indices, 0 to 11" in message
    with pytest.raises(
        StimulusLogError, match=r"line 2: no picture has the number 0 .* 12 in line 3"
    ):
        read(tmp_path, [0, 12], FROM_ONE)
    with pytest.raises(StimulusLogError, match="no picture has the number 13 in its name; the num"):
        read(tmp_path, [13], FROM_ONE, picture_numbers="name")
    with pytest.raises(SettingsError, match=r"such as 'owl\.png', do not hold one number each"):
        read(tmp_path, [0, 1], ["owl.png", "fox.png"], picture_numbers="name")


def test_an_index_of_zero_that_never_comes_is_said(tmp_path):
    log = read(tmp_path, [1, 2, 1], ["0", "1", "2", "3"])
    assert "the first picture is never shown. If they count from 1, set first_index" in log.notes[1]
    assert len(read(tmp_path, [0, 2, 1], ["0", "1", "2", "3"]).notes) == 1
    with pytest.raises(StimulusLogError, match="set first_index = 1"):
        read(tmp_path, [1, 2, 4], ["0", "1", "2", "3"])
    with pytest.raises(StimulusLogError) as caught:
        read(tmp_path, [0, 2, 4], ["0", "1", "2", "3"])
    assert "first_index" not in str(caught.value)


@pytest.mark.parametrize(
    ("stems", "numbers"),
    [
        (["a1", "a2", "a10"], [{1: 0, 2: 1, 10: 2}]),
        (["s1_r2_07", "s1_r2_09"], [{7: 0, 9: 1}]),
        (["cat_1_v1", "dog_2_v1", "dog_3_v2"], [{1: 0, 2: 1, 3: 2}]),
        (["a1_b2", "a2_b3"], [{1: 0, 2: 1}, {2: 0, 3: 1}]),
        (["1_cat", "2_dog3"], [{1: 0, 2: 1}, {1: 0, 3: 1}]),
        (["a7"], [{7: 0}]),
        (["a1", "b1"], []),
        (["a1", "a"], []),
        (["owl", "fox"], []),
        ([], []),
    ],
)
def test_the_number_in_a_name_is_the_one_that_tells_pictures_apart(stems, numbers):
    assert numbers_in_names(stems) == numbers


NAMES = ["owl.png", "fox.v2.png", "Elk.PNG"]


@pytest.mark.parametrize(
    "reference",
    ["fox.v2.png", "fox.v2", "FOX.V2.png", r"C:\stimuli\fox.v2.png", "pics/day 1/fox.v2.png",
     "./Fox.v2", "fox.v2.tif"],
)  # fmt: skip
def test_names_with_folders_other_capitals_and_endings(tmp_path, reference):
    log = read(tmp_path, ["elk.png", reference], NAMES)
    assert log.image.tolist() == [2, 1]
    other = ["'fox.v2.tif' is taken for 'fox.v2.png', whose suffix differs."]
    assert list(log.notes[1:]) == (other if reference.endswith("tif") else [])


def test_names_that_differ_in_capitals_only_have_to_be_exact(tmp_path):
    assert read(tmp_path, ["Owl.png", "owl.png"], ["owl.png", "Owl.png"]).image.tolist() == [1, 0]
    with pytest.raises(StimulusLogError, match=r"'OWL\.png' could be any of owl\.png, Owl\.png"):
        read(tmp_path, ["OWL.png"], ["owl.png", "Owl.png"])


def test_one_name_in_two_folders_is_refused(tmp_path):
    with pytest.raises(StimulusLogError, match=r"line 3: 'owl.png' is shown from two folders"):
        read(tmp_path, ["day/owl.png", "night/owl.png"], NAMES)

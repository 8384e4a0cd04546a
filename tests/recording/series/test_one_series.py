from pathlib import Path

import pytest

from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.recording.series.one_series import (
    doubt_about_order,
    example,
    groups_by_name,
    numbers_lead,
    whole_beside_parts,
    words_differ,
)


def paths(*names):
    return sorted((Path("raw") / name for name in names), key=natural_order)


@pytest.mark.parametrize(
    "names",
    [
        ["rec.tif", "rec-1.tif", "rec-2.tif"],
        ["rec.tif", "rec (1).tif"],
        ["f.tif", "f_1.tif", "f_2.tif"],
        ["m_a.tif", "m_a_1.tif", "m_a_2.tif"],
        ["file000.tif", "file500.TIF"],
        ["mouse7_a.tif", "mouse7_b.tif"],
        ["a_MMStack_Pos0.ome.tif", "a_MMStack_Pos0_1.ome.tif"],
        ["ChanA_0001.tif", "ChanB_0001.tif"],
    ],
)
def test_names_that_form_one_series(names):
    assert words_differ(paths(*names)) == ""


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["rec_1.tif", "rec_2.tif", "ref_1.tif"], "2 like rec_1.tif, ref_1.tif"),
        (["rec.tif", "rec_registered.tif"], "rec.tif, rec_registered.tif"),
        # Several files without a number are none of a numbered series.
        (["day1.tif", "day2.tif", "day1_1.tif"], "2 like day1.tif, day1_1.tif"),
        ([f"{n}{n}.tif" for n in "abcdef"], "aa.tif, bb.tif, cc.tif, dd.tif and 2 others"),
    ],
)
def test_names_that_do_not(names, told):
    assert words_differ(paths(*names)) == told


def test_the_largest_group_is_named_without_the_others():
    files = paths("rec_1.tif", "rec_2.tif", "ref_1.tif")
    assert [len(group) for group in groups_by_name(files)] == [2, 1]
    assert example(files) == "'raw/rec_*.tif'"


def test_numbers_that_stand_before_the_words():
    assert numbers_lead(paths("001_left.tif", "002_right.tif", "003_left.tif"))
    assert not numbers_lead(paths("left_001.tif", "right_002.tif", "left_003.tif"))
    assert not numbers_lead(paths("001_left.tif", "001_right.tif"))


@pytest.mark.parametrize(
    "names",
    [
        ["one.tif"],
        ["f1.tif", "f2.tif"],
        ["rec.tif", "rec-1.tif", "rec-2.tif"],
        # One number rises, whatever the other does.
        ["trial1_stim3.tif", "trial2_stim1.tif", "trial3_stim3.tif"],
        ["day1_5.tif", "day2_1.tif"],
        ["20210501_1200.tif", "20210503_1130.tif", "20210504_1215.tif"],
        ["rec_00001_00001.tif", "rec_00001_00002.tif", "rec_00002_00003.tif"],
        # Channels and planes are told apart elsewhere.
        ["x_Ch1_1.tif", "x_Ch1_2.tif", "x_Ch2_1.tif", "x_Ch2_2.tif"],
    ],
)
def test_files_that_follow_each_other(names):
    assert doubt_about_order(paths(*names)) == ""


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["a_1_1.tif", "a_1_2.tif", "a_2_1.tif", "a_2_2.tif"], "such as 'raw/a_1_*.tif'; if"),
        (
            ["stim3_trial1.tif", "stim1_trial2.tif", "stim7_trial3.tif"],
            "more than one number varies in the names",
        ),
        (["x_Z01_1.tif", "x_Z01_2.tif", "x_Z02_1.tif"], "count depths (Z01, Z02), which do not"),
        (["x_xy1.tif", "x_xy2.tif"], "count positions (xy1, xy2), which do not follow"),
        (["x_P1_1.tif", "x_P2_1.tif", "x_P1_2.tif"], "Name one series, such as 'raw/x_P1_*.tif'"),
        (["rec_1.tif", "rec_01.tif"], "number of rec_1.tif does not go up from that of rec_01.tif"),
        (
            [f"x_Ch{c}_{a}_{b}.tif" for c in (1, 2) for a in (1, 2) for b in (1, 2)],
            "such as 'raw/x_Ch1_1_*.tif'",
        ),
    ],
)
def test_files_that_may_not_follow_each_other(names, told):
    assert told in doubt_about_order(paths(*names))


def test_a_whole_movie_beside_its_parts():
    files = paths("f.tif", "f_1.tif", "f_2.tif")
    assert whole_beside_parts(files, [9, 5, 4]) == [
        "f.tif has as many frames as the 2 files after it together: it may be the same movie again"
    ]
    assert whole_beside_parts(files, [9, 9, 9]) == []
    assert whole_beside_parts(files[:2], [9, 9]) == []
    assert whole_beside_parts(paths("f_0.tif", "f_1.tif", "f_2.tif"), [9, 5, 4]) == []

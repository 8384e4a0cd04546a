from pathlib import Path

import pytest

from twophoton_decode.recording.series.file_names import read_names, varying


def read(*names):
    return read_names([Path(name) for name in names])


@pytest.mark.parametrize(
    ("name", "markers", "numbers", "pattern"),
    [
        ("xxx_Ch1_0001.tif", [("channel", "Ch1")], (1,), "xxx<channel>#"),
        ("img_C001T012.tif", [("channel", "C001")], (12,), "img<channel>t#"),
        ("recCh2_7.tif", [("channel", "Ch2")], (7,), "rec<channel>#"),
        ("C1-name.tif", [("channel", "C1")], (), "<channel>name"),
        ("exp_w1GFP_t3.TIF", [("channel", "w1GFP")], (3,), "exp<channel>t#"),
        ("S003_t004_ch00.tif", [("channel", "ch00")], (3, 4), "s#t#<channel>"),
        ("a_Z01_2.tif", [("depth", "Z01")], (2,), "a<depth>#"),
        ("a_xy3.tif", [("position", "xy3")], (), "a<position>"),
        ("a_plane0_9.tif", [("plane", "plane0")], (9,), "a<plane>#"),
        # Words that only contain such letters, and counters behind a word.
        ("march1_batch2.tif", [], (1, 2), "march#batch#"),
        ("plane_00012.tif", [], (12,), "plane#"),
        ("rec (1).tif", [], (1,), "rec#"),
        ("m7_b.ome.tif", [], (7, ord("b")), "m#@"),
    ],
)
def test_what_a_name_says(name, markers, numbers, pattern):
    (found,) = read(name)
    assert [(marker.kind, marker.text) for marker in found.markers] == markers
    assert (found.numbers, found.pattern) == (numbers, pattern)


def test_thorimage_counts_x_y_z_and_time():
    (found,) = read("ChanB_0001_0002_0003_0040.tif")
    assert [(marker.kind, marker.text) for marker in found.markers] == [
        ("channel", "ChanB"), ("position", "x0001"), ("position", "y0002"), ("plane", "z0003"),
    ]  # fmt: skip
    assert found.numbers == (40,)
    assert found.label([0, 3]) == "<channel>_0001_0002_<plane>_0040"


def test_leading_zeros_and_capitals_do_not_vary():
    assert varying(read("a_Ch1_1.tif", "a_ch01_2.tif")) == []
    assert varying(read("a_Ch1_1.tif", "a_Ch2_1.tif")) == [0]


def test_folders_count_where_there_are_several():
    names = read("x/Ch1/0001.tif", "x/Ch2/0001.tif")
    assert [name.text for name in names] == ["Ch1/0001", "Ch2/0001"]
    assert varying(names) == [0]
    assert read("x/Ch1/0001.tif", "x/Ch1/0002.tif")[0].text == "0001"

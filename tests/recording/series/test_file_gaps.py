import numpy as np
import pytest
import tifffile

from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.series.file_gaps import file_gaps


def files(name, numbers):
    return [name.format(number) for number in numbers]


@pytest.mark.parametrize(
    "names",
    [
        ["raw_1.tif", "raw_2.tif", "raw_3.tif"],
        ["raw_009.tif", "raw_010.tif"],
        ["mouse7_a.tif", "mouse7_b.tif"],
        ["day1_5.tif", "day2_1.tif"],
        ["one.tif"],
        ["rec.tif", "rec-1.tif", "rec-2.tif"],
        ["rec.tif", "rec_2.tif", "rec_3.tif"],
        # Equal steps.
        ["file000.tif", "file500.tif", "file1000.tif"],
        ["f10.tif", "f20.tif", "f30.tif", "f40.tif"],
        # Times of the day.
        ["f_120000.tif", "f_120130.tif", "f_120311.tif", "f_120415.tif"],
        ["x_Ch1_1.tif", "x_Ch1_2.tif", "x_Ch2_1.tif", "x_Ch2_2.tif"],
        ["x_Ch1.tif", "x_Ch4.tif"],
    ],
)
def test_numbers_that_go_up_evenly_are_whole(names):
    assert file_gaps(names) == []


@pytest.mark.parametrize(
    ("names", "before", "after"),
    [
        (["x/raw_1.tif", "x/raw_2.tif", "x/raw_4.tif"], "raw_2.tif", "raw_4.tif"),
        (files("f{}.tif", (10, 20, 30, 50)), "f30.tif", "f50.tif"),
        (files("f{}.tif", (0, 500, 1000, 1100, 1600)), "f1000.tif", "f1100.tif"),
        (["m_a.tif", "m_b.tif", "m_d.tif"], "m_b.tif", "m_d.tif"),
        (["f1.tif", "f3.tif"], "f1.tif", "f3.tif"),
        (["rec.tif", "rec-3.tif"], "rec.tif", "rec-3.tif"),
    ],
)
def test_a_gap_names_the_files_beside_it(names, before, after):
    assert file_gaps(names) == [
        f"{after} comes after {before}: a file of the recording may be missing"
    ]


def test_many_gaps_are_counted():
    numbers = [n for n in range(1, 60) if n % 10]
    gaps = file_gaps(files("f{}.tif", numbers))
    assert len(gaps) == 4
    assert gaps[-1] == "the numbers of the files have 2 gaps more"


@pytest.mark.parametrize(("frames", "gaps"), [([500, 100], 0), ([400, 100], 1)])
def test_numbers_that_count_frames(frames, gaps):
    assert len(file_gaps(["f000.tif", "f500.tif"], frames)) == gaps


def test_a_gap_is_told_wherever_the_movie_is_opened(tmp_path):
    for number in (1, 2, 4):
        tifffile.imwrite(tmp_path / f"f_{number}.tif", np.zeros((8, 9), np.uint16))
    assert open_recording([tmp_path]).warnings == (
        "f_4.tif comes after f_2.tif: a file of the recording may be missing",
    )

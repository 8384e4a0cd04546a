import pytest

from twophoton_decode.recording.file_gaps import file_gaps


@pytest.mark.parametrize(
    "names",
    [
        ["raw_1.tif", "raw_2.tif", "raw_3.tif"],
        ["raw_009.tif", "raw_010.tif"],
        ["mouse7_a.tif", "mouse7_b.tif"],
        ["day1_5.tif", "day2_1.tif"],
        ["one.tif"],
    ],
)
def test_numbers_that_go_up_by_one_are_whole(names):
    assert file_gaps(names) == []


def test_a_gap_names_the_files_beside_it():
    gaps = file_gaps(["x/raw_1.tif", "x/raw_2.tif", "x/raw_4.tif"])
    assert gaps == ["raw_4.tif comes after raw_2.tif: a file of the recording may be missing"]

import glob

import pytest

from twophoton_decode.recording.series.globs import glob_of


@pytest.mark.parametrize(
    ("wanted", "others", "expected"),
    [
        (["x_Ch2_0001.tif", "x_Ch2_0012.tif"], ["x_Ch1_0001.tif"], "x_Ch2_*.tif"),
        (["T_C1_Ch1_01.tif", "T_C2_Ch1_02.tif"], ["T_C1_Ch2_01.tif"], "T_C*_Ch1_*.tif"),
        (["rec.tif", "rec-1.tif"], ["ref.tif"], "rec*.tif"),
        (["a[1]_1.tif", "a[1]_2.tif"], ["a[2]_1.tif"], "a[[]1]_*.tif"),
        (["only.tif"], ["other.tif"], "only.tif"),
    ],
)
def test_a_glob_finds_the_files_and_no_others(tmp_path, wanted, others, expected):
    for name in (*wanted, *others):
        (tmp_path / name).touch()
    everything = [tmp_path / name for name in (*wanted, *others)]
    found = glob_of(everything[: len(wanted)], everything)
    assert found == f"'{tmp_path / expected}'"
    assert sorted(glob.glob(found.strip("'"))) == sorted(map(str, everything[: len(wanted)]))


def test_files_that_no_simple_glob_tells_from_others(tmp_path):
    files = [tmp_path / name for name in ("f1.tif", "f3.tif", "f2.tif")]
    assert glob_of(files[:2], files) == f"{files[0]} and those that go with it, one by one"

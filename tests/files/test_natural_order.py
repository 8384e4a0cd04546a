from itertools import permutations
from pathlib import Path

import pytest

from twophoton_decode.files.natural_order import natural_order


def test_numbers_count_as_numbers_and_no_order_is_left_to_the_disk():
    expected = ["A1.png", "a1.png", "a01.png", "a2.png", "a10.png", "b.png"]
    expected.sort(key=lambda name: natural_order(Path(name)))
    for order in permutations(expected):
        assert sorted(order, key=lambda name: natural_order(Path(name))) == expected
    assert expected.index("a2.png") < expected.index("a10.png") < expected.index("b.png")
    assert max(map(expected.index, ("A1.png", "a1.png", "a01.png"))) < expected.index("a2.png")


@pytest.mark.parametrize(
    "names",
    [
        ["rec.tif", "rec-1.tif", "rec-2.tif", "rec-10.tif"],
        ["rec.tif", "rec (1).tif", "rec (2).tif"],
        ["rec.tif", "rec_2.tif", "rec_3.tif"],
        ["rec.TIF", "rec2.tif", "rec3.tiff"],
        ["rec.ome.tif", "rec_1.ome.tif", "rec_2.ome.tif"],
        ["day1.tif", "day1_1.tif", "day1_2.tif", "day2.tif"],
        ["img.png", "img 1.jpg", "img 2.png"],
    ],
)
def test_a_first_file_without_a_number_comes_first(names):
    for order in permutations(names):
        assert sorted(order, key=lambda name: natural_order(Path(name))) == names

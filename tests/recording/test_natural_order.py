from itertools import permutations
from pathlib import Path

from twophoton_decode.recording.natural_order import natural_order


def test_numbers_count_as_numbers_and_no_order_is_left_to_the_disk():
    expected = ["A1.png", "a1.png", "a01.png", "a2.png", "a10.png", "b.png"]
    expected.sort(key=lambda name: natural_order(Path(name)))
    for order in permutations(expected):
        assert sorted(order, key=lambda name: natural_order(Path(name))) == expected
    assert expected.index("a2.png") < expected.index("a10.png") < expected.index("b.png")
    assert max(map(expected.index, ("A1.png", "a1.png", "a01.png"))) < expected.index("a2.png")

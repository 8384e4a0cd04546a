"""Damaged files at the doors of the program: a short form of ``benchmarks/reliability``.

Each case follows from the seed; ``python benchmarks/reliability --only DOOR --case N`` makes
one again, in a process of its own.
"""

import logging
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="memory and time of a case are limited on POSIX only")
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "reliability"))

import array_doors
import movie_doors
import picture_doors
import record_doors
import text_doors
from batches import FAULTS
from reading import Door, Reading
from worker import case, spliced_in, whole_file

from twophoton_decode.errors import StimulusImageError

DOORS = [
    *array_doors.DOORS,
    *picture_doors.DOORS,
    *text_doors.DOORS,
    *movie_doors.DOORS,
    *record_doors.DOORS,
]
CASES, SEED = 8, 11


@pytest.fixture(autouse=True)
def no_logs():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """Valid files by group, to splice in."""
    folders = {door.group: tmp_path_factory.mktemp("others") for door in DOORS}
    first = {door.group: door for door in DOORS}
    return {name: spliced_in(DOORS, door, folders[name]) for name, door in first.items()}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_a_damaged_file_gives_an_error_in_words_or_the_right_result(tmp_path, door, others):
    whole = whole_file(door, tmp_path)
    found = [case(whole, others[door.group], SEED, number) for number in range(CASES)]
    assert [each for each in found if each["outcome"] in FAULTS] == []
    assert "refused" in {each["outcome"] for each in found}


def fake_door(damaged, **options):
    """A text of one digit; `damaged` says what a reader makes of any other content."""

    def make(folder):
        (folder / "one.txt").write_text("1")
        return folder / "one.txt"

    def read(file):
        text = file.read_bytes()
        return Reading({"length": 1}, "1") if text == b"1" else damaged(text)

    return Door("fake", "fakes", make, read, **options)


def raising(error):
    def read(text):
        raise error

    return read


def out_of_memory(text):
    try:
        raise MemoryError
    except MemoryError as failure:
        raise StimulusImageError("one.txt asks for too much") from failure


@pytest.mark.parametrize(
    ("door", "expected"),
    [
        (fake_door(raising(ValueError("no number"))), "traceback"),
        (fake_door(raising(StimulusImageError("a picture is bad"))), "nameless"),
        (fake_door(raising(StimulusImageError("one.txt is bad"))), "refused"),
        (fake_door(out_of_memory), "memory"),
        (fake_door(lambda text: Reading({"length": 1}, "1")), "same"),
        (fake_door(lambda text: Reading({"length": 1}, "2")), "unseen"),
        (fake_door(lambda text: Reading({"length": 1}, "2", frozenset({"odd"}))), "told"),
        (fake_door(lambda text: Reading({}, "2"), guarded=frozenset({"structure"})), "WRONG"),
        (
            fake_door(
                lambda text: Reading({}, "1"),
                says=lambda content: None if content == b"1" else Reading({}, "3"),
            ),
            "WRONG",
        ),
    ],
)
def test_every_outcome_is_told_from_the_others(tmp_path, door, expected):
    whole = whole_file(door, tmp_path)
    assert case(whole, [b"other"], SEED, 1)["outcome"] == expected

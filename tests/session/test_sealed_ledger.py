"""A ledger of which any byte may be flipped: its copy is taken, or it is an error in words."""

import contextlib
import json
import random
from dataclasses import asdict, replace

import pytest

from twophoton_decode.errors import SessionError
from twophoton_decode.session.ledger import Entry, Ledger
from twophoton_decode.session.sealed import Damaged, read_sealed, write_sealed

ENTRY = Entry(
    settings={"decoding.folds": 10, "images": ["a", 0.5]},
    inputs={"responses": "whole:ab"},
    outputs={"reconstruction/ridge.nc": "cd", "figures/one.svg": "ef"},
    content="0123",
    revision=3,
    versions={"numpy": "2"},
    seed=None,
    finished="2026-01-01T00:00:00+00:00",
    seconds=1.25,
    summary={"r_average": 0.61, "chance_r": float("nan"), "interval": [0.5, 0.7]},
    notes=["ΔF/F: 3 cells left out"],
)


@pytest.fixture
def ledger(tmp_path):
    kept = Ledger(tmp_path / "ledger.json")
    kept.write("reconstruct:ridge", ENTRY)
    return tmp_path / "ledger.json"


def flip(file, at, bit):
    content = bytearray(file.read_bytes())
    content[at] ^= 1 << bit
    file.write_bytes(bytes(content))


def told(file):
    return {key: repr(entry) for key, entry in Ledger(file).items()}


def test_no_flipped_bit_changes_what_is_read(ledger):
    before, whole = told(ledger), ledger.read_bytes()
    rng = random.Random(0)
    for at in range(len(whole)):
        flip(ledger, at, rng.randrange(8))
        assert told(ledger) == before
        ledger.write_bytes(whole)


def test_without_a_whole_copy_a_flipped_bit_is_an_error_or_harmless(ledger):
    before, whole = told(ledger), ledger.read_bytes()
    (ledger.parent / "ledger-copy.json").write_bytes(b"{")
    rng = random.Random(1)
    noticed = 0
    for at in range(len(whole)):
        flip(ledger, at, rng.randrange(8))
        with contextlib.suppress(SessionError):
            assert told(ledger) == before
            noticed -= 1
        noticed += 1
        ledger.write_bytes(whole)
    # Spaces may become others.
    assert noticed > 0.8 * len(whole)


def test_a_damaged_ledger_says_what_to_do(ledger):
    ledger.write_text("{")
    (ledger.parent / "ledger-copy.json").write_bytes(b"{")
    with pytest.raises(SessionError, match="Delete it, then `tpdecode run"):
        Ledger(ledger)


def test_the_copy_is_said_to_be_used_and_mends_the_ledger(ledger):
    flip(ledger, ledger.read_bytes().index(b"0.61") + 2, 0)
    kept = Ledger(ledger)
    assert kept["reconstruct:ridge"].summary["r_average"] == 0.61
    assert "its copy is used instead" in kept.damage
    kept.mend()
    assert Ledger(ledger).damage == ""


def test_a_damaged_copy_is_written_again(ledger):
    copy = ledger.parent / "ledger-copy.json"
    copy.write_bytes(b"{")
    Ledger(ledger).mend()
    assert copy.read_bytes() == ledger.read_bytes()


def test_a_ledger_of_an_earlier_version_is_read_and_sealed(ledger):
    old = json.dumps({"reconstruct:ridge": asdict(ENTRY)}, indent=1)
    ledger.write_text(old)
    (ledger.parent / "ledger-copy.json").unlink()
    kept = Ledger(ledger)
    assert (kept["reconstruct:ridge"].seconds, kept.damage) == (1.25, "")
    kept.mend()
    assert "check" in json.loads(ledger.read_text())
    assert told(ledger) == {"reconstruct:ridge": repr(ENTRY)}


def test_a_deleted_ledger_is_not_brought_back(ledger):
    ledger.unlink()
    assert Ledger(ledger).items() == []


@pytest.mark.parametrize(
    "name",
    ["../mine.tif", "/home/me/mine.tif", "figures/../../mine.tif", "session.toml", "raw/a.tif",
     "C:\\mine.tif", "figures\\..\\mine.tif", "figures/..", ""],
)  # fmt: skip
def test_no_file_of_the_user_can_be_named_as_a_result(ledger, name):
    """Results that a stage no longer makes are removed: by their names in the ledger."""
    bad = replace(ENTRY, outputs={name: "cd"})
    for file in (ledger, ledger.parent / "ledger-copy.json"):
        write_sealed(file, {"respond": asdict(bad)})
    with pytest.raises(SessionError, match="as a result"):
        Ledger(ledger)


def test_fields_of_another_kind_are_damage(ledger):
    for file in (ledger, ledger.parent / "ledger-copy.json"):
        write_sealed(file, {"respond": asdict(replace(ENTRY, inputs=["a"]))})
    with pytest.raises(SessionError, match="not what a ledger holds"):
        Ledger(ledger)


def test_what_is_sealed_comes_back_whatever_its_keys(tmp_path):
    write_sealed(tmp_path / "a.json", {2: "two", 10: ("ten",), "b": None, "ü": "\udcff"})
    assert read_sealed(tmp_path / "a.json") == {"2": "two", "10": ["ten"], "b": None, "ü": "\udcff"}


@pytest.mark.parametrize("text", ["", "[" * 100_000, "3", '{"check": "", "content": {}}', "[]"])
def test_anything_else_is_damaged(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(Damaged):
        read_sealed(tmp_path / "a.json")

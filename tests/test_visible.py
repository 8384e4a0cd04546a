"""What steers a terminal, fakes a line or breaks XML is shown as an escape; all else stays."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

from twophoton_decode.visible import storable, visible, visible_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x9b31m", r"\x9b31m"),
        ("a\r\nb\tc\x00\x07\x7f", r"a\r\nb\tc\x00\x07\x7f"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("\u2066x\u2069\u200f\u061c", r"\u2066x\u2069\u200f\u061c"),
        ("a\u2028b\u200bc\ufeff", r"a\u2028b\u200bc\ufeff"),
        (b"caf\xe9.tif".decode("utf-8", "surrogateescape"), r"caf\xe9.tif"),
        ("\ud800", r"\ud800"),
        ("\uffff\U000e0041", r"\uffff\U000e0041"),
    ],
)
def test_what_steers_is_shown(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["ΔF/F 3 × 4 px, “µm”", "日本.png", "👩‍🔬.png", "C:\\data\\new", "[bold]a[/]", ""]
)
def test_honest_text_stays(text):
    assert visible(text) == text == storable(text) == visible_json(text)


def test_lines_of_the_programs_own_stay():
    assert visible("a\nb\r\x1b", lines=True) == "a\nb\\r\\x1b"


def test_json_means_the_same():
    names = ["\x1b[2J\x9b", "\u202e", "\U000e0041", b"\xe9".decode("utf-8", "surrogateescape"), "Δ"]
    text = visible_json(json.dumps(names, ensure_ascii=False, indent=1))
    assert json.loads(text) == names
    assert visible(text, lines=True) == text
    assert "Δ" in text


def test_all_that_is_shown_may_stand_in_xml():
    every = "".join(map(chr, [*range(0x3000), *range(0xD700, 0xE100), 0xFFFE, 0xFFFF]))
    shown = visible(every).replace("&", "").replace("<", "")
    assert ElementTree.fromstring(f"<a>{shown}</a>").text == shown

"""What a file's name says: words, numbers, and numbers of channels, planes and positions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from twophoton_decode.files.natural_order import stem_of

CHANNEL, PLANE, DEPTH, POSITION = "channel", "plane", "depth", "position"

_WORDS = {
    "channel": CHANNEL, "chan": CHANNEL, "ch": CHANNEL, "c": CHANNEL, "w": CHANNEL,
    "plane": PLANE, "z": DEPTH, "slice": DEPTH, "depth": DEPTH,
    "xy": POSITION, "pos": POSITION, "position": POSITION, "fov": POSITION, "site": POSITION,
}  # fmt: skip
_MARKER = re.compile(
    # A word after a separator or a digit, or with a capital after a small letter: recCh1.
    r"(?:(?<![^\W\d_])|(?<=[a-z])(?=[A-Z]))"
    r"(?:(?P<word>(?i:channel|chan|ch|plane|slice|depth|xy|position|pos|fov|site))"
    r"(?P<value>\d+|[_\-. ]\d{1,2}(?!\d)|[_\- ]?[A-Ha-h](?![^\W_]))"
    r"|(?<![^\W\d_])(?P<letter>[cCzZ])(?P<count>\d+)"
    # MetaMorph: w1GFP, up to the next separator.
    r"|(?<![^\W\d_])(?P<wave>[wW])(?P<dye>\d+[^\W_]*))"
)
_THOR = re.compile(r"(.*Chan)([A-H])_(\d+)_(\d+)_(\d+)_(\d+)")
# Of each part its kind, a name, and how much of the name stands before the value.
_THOR_PARTS = ((CHANNEL, "Chan", 4), (POSITION, "x", 0), (POSITION, "y", 0), (PLANE, "z", 0))
_LETTER = re.compile(r"(?:^|(?<=[\W_]))[A-Za-z]$")
_SEPARATORS = re.compile(r"[\s_.\-()\[\]]+")


class Marker(NamedTuple):
    """A number or letter that a name gives to a channel, plane, depth or position.

    `text` is as written, such as Ch1; `sure` is False for a single letter, c1 or w1, which
    may mean something else.
    """

    kind: str
    text: str
    value: str
    start: int
    end: int
    sure: bool


@dataclass(frozen=True)
class FileName:
    """The parts of one name.

    Attributes
    ----------
    text : str
        The name without its suffix.
    markers : tuple of Marker
        In the order of the name.
    pattern : str
        The words, with ``#`` for a number, ``@`` for a single letter at the end, and the
        kind of each marker; separators and capitals are left out.
    first_of : str
        The pattern of numbered files of which this would be the first: rec of rec-1, rec-2.
    numbers : tuple of int
        The numbers that belong to no marker; a single letter at the end counts as one.
    """

    text: str
    markers: tuple[Marker, ...]
    pattern: str
    first_of: str
    numbers: tuple[int, ...]

    def label(self, without: Sequence[int]) -> str:
        """The name, with the markers of the numbers `without` taken out."""
        label = self.text
        for number in sorted(without, reverse=True):
            marker = self.markers[number]
            label = f"{label[: marker.start]}<{marker.kind}>{label[marker.end :]}"
        return label


def read_names(files: Sequence[Path]) -> list[FileName]:
    """The parts of every file's name, after those of its folder where there are several."""
    folders = {file.parent for file in files}
    above = os.path.commonpath(folders) if len(folders) > 1 else ""
    place = {folder: f"{os.path.relpath(folder, above)}/" if above else "" for folder in folders}
    return [_read(place[file.parent] + stem_of(file.name)) for file in files]


@lru_cache(maxsize=2**16)
def _read(text: str) -> FileName:
    markers = tuple(_thor(text) or _markers(text))
    words, at = [], 0
    for marker in markers:
        words += [text[at : marker.start], f"<{marker.kind}>"]
        at = marker.end
    words.append(text[at:])
    numbers = [int(digits) for word in words[::2] for digits in re.findall(r"\d+", word)]
    numbers += [ord(letter.lower()) for letter in _LETTER.findall(words[-1])]
    lettered = [*words[:-1], _LETTER.sub("@", words[-1])]
    return FileName(text, markers, _pattern(lettered), f"{_pattern(words)}#", tuple(numbers))


def varying(names: Sequence[FileName]) -> list[int]:
    """Which markers differ between names that have as many each."""
    columns = zip(*(name.markers for name in names), strict=True)
    return [
        number
        for number, column in enumerate(columns)
        if len({_same(marker.value) for marker in column}) > 1
    ]


def _same(value: str) -> str:
    """1, 01 and 001 are one channel."""
    return value.lstrip("0").lower() or "0"


def _markers(text: str) -> Iterator[Marker]:
    for found in _MARKER.finditer(text):
        word = found["word"] or found["letter"] or found["wave"]
        value = (found["value"] or found["count"] or found["dye"]).lstrip("_-. ")
        sure = len(word) > 1
        yield Marker(_WORDS[word.lower()], found[0], value, found.start(), found.end(), sure)


def _thor(text: str) -> list[Marker]:
    """ThorImage: ChanA, then the numbers of x, y, z and time."""
    found = _THOR.fullmatch(text)
    if not found:
        return []
    return [
        Marker(kind, f"{name}{found[at]}", found[at], found.start(at) - before, found.end(at), True)
        for at, (kind, name, before) in enumerate(_THOR_PARTS, 2)
    ]


def _pattern(words: Sequence[str]) -> str:
    """The words, every second of which is a marker's kind, without numbers and separators."""
    return "".join(
        word if number % 2 else _SEPARATORS.sub("", re.sub(r"\d+", "#", word)).lower()
        for number, word in enumerate(words)
    )

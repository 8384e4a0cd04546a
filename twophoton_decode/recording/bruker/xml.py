"""What PrairieView's .xml says: which page of which file each frame is, and when it was taken.

The file is parsed as a stream, and of each frame only its time and the places of its images
are kept: about half a kilobyte, less where many frames share a file. Entities and document
types are refused when they are declared; names of files are checked to be bare names, since
they are opened.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from twophoton_decode.errors import MovieError

_BLOCK_BYTES = 2**20
_MOST_DIGITS = 12
_PERIOD = "framePeriod"


@dataclass(slots=True)
class BrukerFrame:
    """One frame: when it was taken, and file and page of each channel, by channel."""

    time_s: float
    images: dict[int, tuple[str, int]] = field(default_factory=dict)


@dataclass
class BrukerSequence:
    """A run of frames: a movie of one plane, or one volume."""

    type: str
    both_ways: bool
    frames: list[BrukerFrame] = field(default_factory=list)


@dataclass
class BrukerXml:
    """The sequences in their order, and the frame period that was asked for, 0 if not said."""

    sequences: list[BrukerSequence] = field(default_factory=list)
    period_s: float = 0.0


def read_xml(file: Path) -> BrukerXml:
    """Read the .xml of a PrairieView recording.

    Raises
    ------
    MovieError
        It is damaged, not PrairieView's, declares entities, or names files elsewhere.
    """
    reader = _Reader(file)
    parser = ElementTree.XMLParser(target=reader)
    try:
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK_BYTES):
                parser.feed(block)
        parser.close()
    # An encoding that nobody knows is a LookupError.
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise MovieError(
            f"{file} cannot be read: it is truncated or damaged ({error}). Copy it again from the "
            "microscope's computer."
        ) from error
    return reader.found


class _Reader:
    """Takes the elements that say where frames lie, as they go by."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.found = BrukerXml()
        self.open: list[str] = []
        self.names: dict[str, str] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self.open and tag != "PVScan":
            raise self._error(f"its root is {tag}, not PVScan")
        self.open.append(tag)
        if tag == "Sequence":
            both_ways = attributes.get("bidirectionalZ", "").lower() == "true"
            self.found.sequences.append(BrukerSequence(attributes.get("type", ""), both_ways))
        elif tag == "Frame":
            self._sequence().frames.append(BrukerFrame(self._time(attributes)))
        elif tag == "File":
            self._add_image(attributes)
        elif attributes.get("key") == _PERIOD and not self.found.period_s:
            self.found.period_s = self._number(attributes, "value")

    def end(self, tag: str) -> None:
        self.open.pop()

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise self._error("it declares a document type, and might declare entities")

    def close(self) -> None:
        return None

    def _sequence(self) -> BrukerSequence:
        if not self.found.sequences:
            raise self._error("a frame lies outside of every sequence")
        return self.found.sequences[-1]

    def _add_image(self, attributes: Mapping[str, str]) -> None:
        frames = self._sequence().frames
        if "Frame" not in self.open or not frames:
            return
        name, channel = attributes.get("filename", ""), self._count(attributes, "channel")
        if name in ("", "..") or name != Path(name).name or "\\" in name or "\0" in name:
            raise self._error(f"it names a file outside of the folder, {name!r}")
        if channel in frames[-1].images:
            raise self._error(f"a frame has channel {channel} twice")
        name = self.names.setdefault(name, name)
        frames[-1].images[channel] = (name, self._count(attributes, "page", "1"))

    def _time(self, attributes: Mapping[str, str]) -> float:
        """Seconds since PrairieView began; where that is absent, since the sequence began."""
        name = "absoluteTime" if "absoluteTime" in attributes else "relativeTime"
        return self._number(attributes, name, "nan")

    def _number(self, attributes: Mapping[str, str], name: str, default: str = "") -> float:
        text = attributes.get(name, default)
        try:
            value = float(text)
        except ValueError:
            value = math.inf
        if math.isinf(value):
            raise self._error(f"{name} is {text[:60]!r}, not a number")
        return value

    def _count(self, attributes: Mapping[str, str], name: str, default: str = "") -> int:
        """A number from 1 on."""
        text = attributes.get(name, default)
        if not text.isdecimal() or len(text) > _MOST_DIGITS or not int(text):
            raise self._error(f"{name} is {text[:60]!r}, not a number from 1 on")
        return int(text)

    def _error(self, what: str) -> MovieError:
        return MovieError(
            f"{self.file} cannot be used: {what}. The order of images is unknown; copy the folder "
            "again from the microscope's computer."
        )

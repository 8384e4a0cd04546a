"""The TiffData elements of OME-XML: which image lies where in which file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.tiff.file import TiffFile
from twophoton_decode.recording.tiff.ome.times import child, children


@dataclass(frozen=True)
class OmeImage:
    """The description of one image of up to five dimensions."""

    file: TiffFile
    size: dict[str, int]
    order: str
    element: ElementTree.Element


def numbers_by_name(files: Sequence[TiffFile]) -> dict[str, int]:
    """Number of each file by its path, and by its bare name where that is the only one."""
    bare = [file.file.name for file in files]
    found = {str(file.file): number for number, file in enumerate(files)}
    counts = Counter(bare)
    return found | {name: number for number, name in enumerate(bare) if counts[name] == 1}


def image_blocks(
    pixels: OmeImage, files: Sequence[TiffFile], own: int, names: Mapping[str, int]
) -> Iterator[tuple[int, int, int, int]]:
    """Place in the order, file, first page and number of images of every TiffData."""
    blocks = children(pixels.element, "TiffData")
    strides = np.cumprod([1, *(pixels.size[axis] for axis in pixels.order)])
    total = int(strides[3])
    if not blocks:
        yield 0, own, 0, total
    for block in blocks:
        place = 0
        for axis, stride in zip(pixels.order, strides[:3].tolist(), strict=True):
            first = whole_number(pixels.file, block, f"First{axis}", 0)
            if not 0 <= first < pixels.size[axis]:
                raise damaged_xml(pixels.file, f"a TiffData element has First{axis} = {first}")
            place += first * stride
        page = whole_number(pixels.file, block, "IFD", 0)
        file = _file_of(pixels, block, own, names)
        # Without a count: one image if the page is given, all of that file's if not.
        count = 1 if "IFD" in block.attrib else min(files[file].pages, total - place)
        count = whole_number(pixels.file, block, "PlaneCount", count)
        if page < 0 or count < 0:
            raise damaged_xml(pixels.file, "a TiffData element has negative numbers")
        yield place, file, page, count


def _file_of(
    pixels: OmeImage, block: ElementTree.Element, own: int, names: Mapping[str, int]
) -> int:
    """The number of the file that holds a TiffData's images, by the name the XML gives it."""
    uuid = child(block, "UUID")
    if uuid is None:
        return own
    if uuid.text and uuid.text.strip() == _own_uuid(pixels.file):
        return own
    name = re.sub(r".*[/\\]", "", uuid.get("FileName", ""))
    found = names.get(str(pixels.file.file.parent / name), names.get(name))
    if found is None:
        raise MovieError(
            f"{pixels.file.file}: its OME-XML says that some images are in {name or '?'}, which "
            "was not given. Give every file of the recording, with its original name."
        )
    return found


def _own_uuid(file: TiffFile) -> str:
    found = re.search(r'<(?:\w+:)?OME\b[^>]*\sUUID="([^"]*)"', file.description)
    return found[1] if found else ""


def whole_number(
    file: TiffFile, element: ElementTree.Element, name: str, default: int | None = None
) -> int:
    """An attribute that must be a whole number; `default` if it is missing."""
    text = element.get(name)
    if text is None and default is not None:
        return default
    try:
        return int(str(text))
    except ValueError:
        raise damaged_xml(file, f"{name} is {text!r}") from None


def damaged_xml(file: TiffFile, what: str) -> MovieError:
    """The error for XML that cannot be used, with what to do."""
    return MovieError(
        f"{file.file}: its OME-XML cannot be used: {what}. The order of images is unknown; save "
        "the recording again, or as a plain TIFF with one plane and one channel."
    )

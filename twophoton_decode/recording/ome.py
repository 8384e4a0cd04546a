"""OME-TIFF: the order of images from the XML, over one file or several.

The XML names files; these names are only compared with the names of the files that the user
gave, never opened.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.layout.ome_axes import time_of_tables
from twophoton_decode.recording.ome_times import child, children, ome_times
from twophoton_decode.recording.tiff_file import TiffFile
from twophoton_decode.records.frame_times import FrameTimes

_ORDER = re.compile(r"XY(?=[ZCT]{3}$)(?!.*(.).*\1)[ZCT]{3}")


@dataclass(frozen=True)
class _Pixels:
    """The description of one image of up to five dimensions."""

    file: TiffFile
    size: dict[str, int]
    order: str
    element: ElementTree.Element


def understand_ome(files: Sequence[TiffFile]) -> Acquisition:
    """The order of images over all files.

    A file whose images another file's XML has claimed adds none; files with XML of their own
    follow each other in time.

    Raises
    ------
    MovieError
        The XML is damaged or names files that were not given; an image is missing or claimed
        twice; there are several fields of view; files differ in planes or channels.
    """
    first_page = np.cumsum([0, *(file.pages for file in files)])
    claimed = np.zeros(first_page[-1], dtype=bool)
    tables: list[np.ndarray] = []
    missing: list[str] = []
    described: list[tuple[ElementTree.Element, int]] = []
    names = _numbers_by_name(files)
    # Where one file describes all, the others only point to it.
    for number in sorted(range(len(files)), key=lambda n: "BinaryOnly" in files[n].description):
        file = files[number]
        if claimed[first_page[number] : first_page[number + 1]].any():
            continue
        pixels = _pixels(file)
        table, doubt = _table(pixels, files, first_page, number, names)
        missing += doubt
        if claimed[table].any() or np.unique(table).size != table.size:
            raise MovieError(f"{file.file}: its OME-XML gives one image several places.")
        claimed[table] = True
        tables.append(table)
        described.append((pixels.element, len(table)))
    _check_agreement(files, tables)
    page, question, notes = time_of_tables(str(files[0].file), tables)
    unused = int((~claimed).sum())
    timed = ome_times(described, tables[0].shape[1])
    # Stamps are those of its T; where another axis is taken as time, they are of no frame.
    as_described = not question and not notes
    delay = timed.plane_delay_s if as_described else None
    told = page is not None and not question
    known = {"planes": told, "channels": told, "plane_delay_s": delay is not None}
    return Acquisition(
        page=page,
        plane_delay_s=delay,
        rate_hz=timed.rate_hz,
        times=timed.frames if as_described else FrameTimes(),
        source={name: "OME-XML" for name, there in known.items() if there}
        | {"frame_rate_hz": timed.rate_by if timed.rate_hz else ""},
        question=question,
        guess=" ".join(notes) if page is None else "",
        warnings=(
            *(notes if page is not None else ()),
            *missing,
            *([f"{unused} images are not in the OME-XML, and left out"] if unused else []),
            *(timed.warnings if as_described else ()),
        ),
    )


def _check_agreement(files: Sequence[TiffFile], tables: Sequence[np.ndarray]) -> None:
    shapes = {table.shape[1:] for table in tables}
    if len(shapes) > 1:
        found = ", ".join(f"{planes} planes x {channels} channels" for planes, channels in shapes)
        raise MovieError(
            f"{files[0].file} and the files after it hold {found}. The files of one recording "
            "must agree: leave out what belongs to another one."
        )


def _pixels(file: TiffFile) -> _Pixels:
    root = _root(file)
    pointer = child(root, "BinaryOnly")
    if pointer is not None:
        other = re.sub(r".*[/\\]", "", pointer.get("MetadataFile", "?"))
        raise MovieError(
            f"{file.file}: its order of images is described in another file, {other}. Name that "
            "file as well if it is a TIFF; companion files are not read. Of a Bruker recording, "
            "give the folder with its .xml."
        )
    images = children(root, "Image")
    found = [element for image in images for element in children(image, "Pixels")]
    if len(found) != 1:
        raise MovieError(
            f"{file.file} holds {len(found)} OME images: fields of view, or parts of a movie that "
            "tifffile wrote one after the other. Expected one: save each field as a file of its "
            "own, and write a movie in one call, or to a .tif without .ome."
        )
    element = found[0]
    size = {axis: _number(file, element, f"Size{axis}") for axis in "XYZCT"}
    order = element.get("DimensionOrder", "")
    if not _ORDER.fullmatch(order):
        raise _damaged(file, f"DimensionOrder is {order!r}")
    if (size["Y"], size["X"]) != (file.height, file.width):
        raise _damaged(file, f"it says {size['Y']} x {size['X']} px, as the images are not")
    if min(size.values()) < 1:
        raise _damaged(file, f"it says {size['Z']} x {size['C']} x {size['T']} images")
    return _Pixels(file, size, order[2:], element)


def _root(file: TiffFile) -> ElementTree.Element:
    text = file.description
    # Entities are never needed, and could be made to fill the memory.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _damaged(file, "it declares entities")
    try:
        return ElementTree.fromstring(text.strip().rstrip("\0").encode())
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise _damaged(file, str(error)) from error


def _numbers_by_name(files: Sequence[TiffFile]) -> dict[str, int]:
    """Number of each file by its path, and by its bare name where that is the only one."""
    bare = [file.file.name for file in files]
    found = {str(file.file): number for number, file in enumerate(files)}
    counts = Counter(bare)
    return found | {name: number for number, name in enumerate(bare) if counts[name] == 1}


def _table(
    pixels: _Pixels,
    files: Sequence[TiffFile],
    first_page: np.ndarray,
    own: int,
    names: Mapping[str, int],
) -> tuple[np.ndarray, list[str]]:
    """(frame, plane, channel) -> image, counted over all files; and what is not there, in words."""
    sizes = [pixels.size[axis] for axis in pixels.order]
    blocks = list(_blocks(pixels, files, own, names))
    note = _taken_short(pixels, sizes, files)
    # The first letter of the order is the fastest axis.
    flat = np.full(math.prod(sizes), -1, dtype=np.int64)
    for place, file, page, count in blocks:
        if note:
            count = min(count, flat.size - place)
            if count <= 0:
                continue
        if page + count > files[file].pages:
            raise MovieError(
                f"{files[file].file} is truncated: it holds {files[file].pages} whole frames of "
                f"{page + count} announced. Copy it again from the microscope's computer."
            )
        if place + count > flat.size:
            raise _damaged(pixels.file, "a TiffData element goes beyond the last image")
        flat[place : place + count] = first_page[file] + page + np.arange(count)
    missing = int((flat < 0).sum())
    if missing:
        raise _damaged(pixels.file, f"{missing} of {flat.size} images have no TiffData")
    stored = flat.reshape(sizes[::-1])
    axes = pixels.order[::-1]
    return stored.transpose([axes.index(axis) for axis in "TZC"]), note


def _taken_short(pixels: _Pixels, sizes: list[int], files: Sequence[TiffFile]) -> list[str]:
    """That fewer images are there than the XML announces; `sizes` then are of whole volumes.

    Its number is written when a recording begins, and stays when it is ended early.
    """
    announced, found = math.prod(sizes), sum(file.pages for file in files)
    if announced <= found:
        return []
    volume = math.prod(sizes[:2])
    if len(files) > 1 or pixels.order[-1] != "T" or found < volume:
        raise MovieError(
            f"{pixels.file.file} is truncated, or files are missing: those named hold "
            f"{found} images of {announced} announced."
        )
    sizes[2] = found // volume
    return [
        f"the OME-XML announces {announced} images, but {found} are there: the recording was "
        f"ended early, or pages were taken out; {sizes[2]} frames are read"
    ]


def _blocks(
    pixels: _Pixels, files: Sequence[TiffFile], own: int, names: Mapping[str, int]
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
            first = _number(pixels.file, block, f"First{axis}", 0)
            if not 0 <= first < pixels.size[axis]:
                raise _damaged(pixels.file, f"a TiffData element has First{axis} = {first}")
            place += first * stride
        page = _number(pixels.file, block, "IFD", 0)
        file = _file_of(pixels, block, own, names)
        # Without a count: one image if the page is given, all of that file's if not.
        count = 1 if "IFD" in block.attrib else min(files[file].pages, total - place)
        count = _number(pixels.file, block, "PlaneCount", count)
        if page < 0 or count < 0:
            raise _damaged(pixels.file, "a TiffData element has negative numbers")
        yield place, file, page, count


def _file_of(
    pixels: _Pixels, block: ElementTree.Element, own: int, names: Mapping[str, int]
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
            "was not named. Name every file of the recording, under the names they had."
        )
    return found


def _own_uuid(file: TiffFile) -> str:
    found = re.search(r'<(?:\w+:)?OME\b[^>]*\sUUID="([^"]*)"', file.description)
    return found[1] if found else ""


def _number(
    file: TiffFile, element: ElementTree.Element, name: str, default: int | None = None
) -> int:
    text = element.get(name)
    if text is None and default is not None:
        return default
    try:
        return int(str(text))
    except ValueError:
        raise _damaged(file, f"{name} is {text!r}") from None


def _damaged(file: TiffFile, what: str) -> MovieError:
    return MovieError(
        f"{file.file}: its OME-XML cannot be used: {what}. The order of images is unknown; save "
        "the recording anew, or as a plain TIFF with one plane and one channel."
    )

"""OME-TIFF: the order of images from the XML, over one file or several.

The XML names files; these names are only compared with the names of the files that the user
gave, never opened.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.file import disagreement
from twophoton_decode.recording.tiff.file import TiffFile
from twophoton_decode.recording.tiff.ome.blocks import (
    OmeImage,
    damaged_xml,
    image_blocks,
    numbers_by_name,
    whole_number,
)
from twophoton_decode.recording.tiff.ome.time_axis import join_parts, time_of_tables
from twophoton_decode.recording.tiff.ome.times import child, children, ome_times
from twophoton_decode.records.movie.frame_times import FrameTimes

_WRITER = "tifffile"
"""By `Creator` of the XML; other programs write several OME images for fields of view."""
_ORDER = re.compile(r"XY(?=[ZCT]{3}$)(?!.*(.).*\1)[ZCT]{3}")


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
    names = numbers_by_name(files)
    # Where one file describes all, the others only point to it.
    for number in sorted(range(len(files)), key=lambda n: "BinaryOnly" in files[n].description):
        file = files[number]
        if claimed[first_page[number] : first_page[number + 1]].any():
            continue
        images = _pixels(file)
        parts = [_table(pixels, files, first_page, number, names) for pixels in images]
        missing += [note for _, doubt in parts for note in doubt]
        table, note = _joined(file, [part for part, _ in parts])
        missing += note
        if claimed[table].any() or np.unique(table).size != table.size:
            raise MovieError(f"{file.file}: its OME-XML gives one image several places.")
        claimed[table] = True
        tables.append(table)
        described += _described(images, [part for part, _ in parts], table)
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


def _joined(file: TiffFile, parts: Sequence[np.ndarray]) -> tuple[np.ndarray, list[str]]:
    """The images of a file's parts as one table, and that there were several, in words."""
    if len(parts) == 1:
        return parts[0], []
    table = join_parts(parts)
    if table is None:
        raise _several(file, len(parts))
    return table, [
        f"{file.file} holds {len(parts)} OME images, as tifffile writes a movie in several calls: "
        "they are taken as one after the other in time"
    ]


def _described(
    images: Sequence[OmeImage], parts: Sequence[np.ndarray], table: np.ndarray
) -> list[tuple[ElementTree.Element, int]]:
    """Which XML tells of how many moments: that of each part, if they were joined in time."""
    if sum(map(len, parts)) == len(table):
        return [(each.element, len(part)) for each, part in zip(images, parts, strict=True)]
    return [(images[0].element, len(table))]


def _several(file: TiffFile, count: int) -> MovieError:
    return MovieError(
        f"{file.file} holds {count} OME images, which are fields of view or do not fit together. "
        "Expected one, or parts of one movie as tifffile writes them: save each field as a file "
        "of its own."
    )


def _check_agreement(files: Sequence[TiffFile], tables: Sequence[np.ndarray]) -> None:
    shapes = {table.shape[1:] for table in tables}
    if len(shapes) > 1:
        found = ", ".join(f"{planes} planes x {channels} channels" for planes, channels in shapes)
        raise disagreement(f"{files[0].file} and the files after it hold {found}")


def _pixels(file: TiffFile) -> list[OmeImage]:
    """The file's OME images: one, or the parts of a movie."""
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
    if not found or (len(found) > 1 and not root.get("Creator", "").startswith(_WRITER)):
        raise _several(file, len(found))
    return [_image(file, element) for element in found]


def _image(file: TiffFile, element: ElementTree.Element) -> OmeImage:
    size = {axis: whole_number(file, element, f"Size{axis}") for axis in "XYZCT"}
    order = element.get("DimensionOrder", "")
    if not _ORDER.fullmatch(order):
        raise damaged_xml(file, f"DimensionOrder is {order!r}")
    if (size["Y"], size["X"]) != (file.height, file.width):
        raise damaged_xml(file, f"it says {size['Y']} x {size['X']} px, as the images are not")
    if min(size.values()) < 1:
        raise damaged_xml(file, f"it says {size['Z']} x {size['C']} x {size['T']} images")
    return OmeImage(file, size, order[2:], element)


def _root(file: TiffFile) -> ElementTree.Element:
    text = file.description
    # Entities are never needed, and could be made to fill the memory.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise damaged_xml(file, "it declares entities")
    try:
        return ElementTree.fromstring(text.strip().rstrip("\0").encode())
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise damaged_xml(file, str(error)) from error


def _table(
    pixels: OmeImage,
    files: Sequence[TiffFile],
    first_page: np.ndarray,
    own: int,
    names: Mapping[str, int],
) -> tuple[np.ndarray, list[str]]:
    """(frame, plane, channel) -> image, counted over all files; and what is not there, in words."""
    sizes = [pixels.size[axis] for axis in pixels.order]
    blocks = list(image_blocks(pixels, files, own, names))
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
            raise damaged_xml(pixels.file, "a TiffData element goes beyond the last image")
        flat[place : place + count] = first_page[file] + page + np.arange(count)
    missing = int((flat < 0).sum())
    if missing:
        raise damaged_xml(pixels.file, f"{missing} of {flat.size} images have no TiffData")
    stored = flat.reshape(sizes[::-1])
    axes = pixels.order[::-1]
    return stored.transpose([axes.index(axis) for axis in "TZC"]), note


def _taken_short(pixels: OmeImage, sizes: list[int], files: Sequence[TiffFile]) -> list[str]:
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
        f"the OME-XML announces {announced} images, but {found} are present: the recording was "
        f"stopped early, or pages were removed; {sizes[2]} frames are read"
    ]

"""The chain of image file directories of a TIFF, walked without decoding a pixel.

A directory describes one page: its size, its pixel type and where its data lie.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.tiff.pages import (
    Chain,
    Directories,
    Directory,
    PageFormat,
    Places,
)

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_STRIP_OFFSETS, _SAMPLES, _STRIP_BYTES = 273, 277, 279
_TILE_OFFSETS, _TILE_BYTES, _SAMPLE_FORMAT = 324, 325, 339
_DESCRIPTION = 270
_TILE_WIDTH, _TILE_HEIGHT = 322, 323
# Fill order, rows per strip, planar configuration, predictor, tiles.
_STORAGE = (_COMPRESSION, 266, 278, 284, 317, _TILE_WIDTH, _TILE_HEIGHT)
_DEFAULTS = {_BITS: (1,), _COMPRESSION: (1,), _PHOTOMETRIC: (1,), _SAMPLES: (1,)}
_DEFAULTS[_SAMPLE_FORMAT] = (1,)
_NEEDED = frozenset(
    {_WIDTH, _HEIGHT, _STRIP_OFFSETS, _STRIP_BYTES, _TILE_OFFSETS, _TILE_BYTES, *_DEFAULTS}
) | set(_STORAGE)
_SINGLE = frozenset({_WIDTH, _HEIGHT, _PHOTOMETRIC, _SAMPLES, *_STORAGE})
_INTEGER_FORMATS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_TEXT_FORMAT, _LAST_KIND = 2, 18
_TYPE_BYTES = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_MOST_TAGS = 4096


class _CutShortError(Exception):
    """The file ends inside a directory."""


class _Dialect(NamedTuple):
    """Byte order and field sizes: classic TIFF, or BigTIFF for files over 4 GB."""

    order: str
    entries: str
    offset: str
    entry: str

    @property
    def inline_bytes(self) -> int:
        return struct.calcsize(self.offset)


def walk(file: Path) -> Chain:
    """Follow the chain of `file` to its end; `MovieError` if it is not a TIFF."""
    size = os.path.getsize(file)
    with file.open("rb") as stream:
        dialect, first = _header(stream, file)
        directories = Directories()
        try:
            for directory in _directories(stream, dialect, first, size, file):
                directories.append(directory)
        except _CutShortError:
            return Chain(directories, True, size)
    return Chain(directories, False, size)


def _header(stream: BinaryIO, file: Path) -> tuple[_Dialect, int]:
    """Byte order, field sizes, and the offset of the first directory."""
    header = stream.read(16)
    order = {b"II": "<", b"MM": ">"}.get(header[:2])
    version = struct.unpack(order + "H", header[2:4])[0] if order and len(header) >= 4 else 0
    if version == 42 and len(header) >= 8:
        return _Dialect(str(order), "H", "I", "HHI4s"), struct.unpack(f"{order}I", header[4:8])[0]
    if version == 43 and len(header) == 16:
        return _Dialect(str(order), "Q", "Q", "HHQ8s"), struct.unpack(f"{order}Q", header[8:])[0]
    found = "is empty (0 bytes)" if not header else f"begins with the bytes {header[:8]!r}"
    raise MovieError(f"{file} is not a TIFF file: it {found}. Expected a raw movie, .tif or .tiff.")


def _directories(
    stream: BinaryIO, dialect: _Dialect, offset: int, size: int, file: Path
) -> Iterator[Directory]:
    seen: set[int] = set()
    while offset != 0:
        if offset in seen:
            raise MovieError(f"{file} is damaged: its chain of pages runs in a circle.")
        seen.add(offset)
        if offset >= size:
            raise _CutShortError
        table = _read_table(stream, dialect, offset, file)
        yield _directory(table, file, len(seen) - 1)
        offset = table.following


class _Table(NamedTuple):
    """The tags of a directory that matter, and where things lie; `following` 0: the last."""

    tags: dict[int, tuple[int, ...]]
    place: tuple[int, int]
    description: tuple[int, int]
    outside: Places
    following: int


def _read_table(stream: BinaryIO, dialect: _Dialect, offset: int, file: Path) -> _Table:
    stream.seek(offset)
    (entries,) = _unpack(stream, dialect.order + dialect.entries)
    if entries > _MOST_TAGS:
        raise MovieError(f"{file} is damaged: the directory at byte {offset} has {entries} tags.")
    entry = dialect.order + dialect.entry
    block = stream.read(entries * struct.calcsize(entry) + dialect.inline_bytes)
    table = block[: entries * struct.calcsize(entry)]
    following = block[len(table) :]
    if len(following) < dialect.inline_bytes:
        raise _CutShortError
    place = (offset, stream.tell())
    size = os.fstat(stream.fileno()).st_size
    tags: dict[int, tuple[int, ...]] = {}
    description = (0, 0)
    outside: list[tuple[int, int]] = []
    for tag, kind, count, field in struct.iter_unpack(entry, table):
        bad = tag in _NEEDED and (not count or kind not in _INTEGER_FORMATS)
        bad |= tag in _SINGLE and count != 1
        if bad or not 1 <= kind <= _LAST_KIND or tag in tags:
            raise MovieError(
                f"{file} is damaged: the directory at byte {offset} has a bad tag {tag}."
            )
        if tag in _NEEDED:
            tags[tag] = _values(stream, dialect, kind, count, field)
        length = count * _TYPE_BYTES.get(kind, 1)
        if length <= dialect.inline_bytes:
            continue
        start = struct.unpack(dialect.order + dialect.offset, field)[0]
        if start + length <= size:
            outside.append((start, length))
        elif tag == _DESCRIPTION:
            raise _CutShortError
        if tag == _DESCRIPTION and kind == _TEXT_FORMAT:
            description = (start, start + length)
    starts, lengths = zip(*sorted(outside), strict=True) if outside else ((), ())
    after: int = struct.unpack(dialect.order + dialect.offset, following)[0]
    return _Table(tags, place, description, _joined(starts, lengths), after)


def _values(
    stream: BinaryIO, dialect: _Dialect, kind: int, count: int, field: bytes
) -> tuple[int, ...]:
    """A tag's integers, which lie in the entry itself or where it points to."""
    values = f"{dialect.order}{count}{_INTEGER_FORMATS[kind]}"
    length = count * struct.calcsize(f"{dialect.order}{_INTEGER_FORMATS[kind]}")
    if length <= dialect.inline_bytes:
        return struct.unpack_from(values, field)
    place = struct.unpack(dialect.order + dialect.offset, field)[0]
    if place + length > os.fstat(stream.fileno()).st_size:
        raise _CutShortError
    stream.seek(place)
    return _unpack(stream, values)


def _unpack(stream: BinaryIO, values: str) -> tuple[int, ...]:
    data = stream.read(struct.calcsize(values))
    if len(data) < struct.calcsize(values):
        raise _CutShortError
    return struct.unpack(values, data)


def _directory(table: _Table, file: Path, page: int) -> Directory:
    tags = _DEFAULTS | table.tags
    offsets = tags.get(_STRIP_OFFSETS) or tags.get(_TILE_OFFSETS)
    both = _STRIP_OFFSETS in tags and _TILE_OFFSETS in tags
    sized = all(tags.get(tag, (0,))[0] for tag in (_WIDTH, _HEIGHT))
    if not sized or not all(tags.get(tag) for tag in _DEFAULTS) or not offsets or both:
        raise MovieError(f"{file} is damaged: page {page} does not say its size or where it lies.")
    layout = PageFormat(
        height=tags[_HEIGHT][0],
        width=tags[_WIDTH][0],
        bits=tags[_BITS][0],
        sample_format=tags[_SAMPLE_FORMAT][0],
        samples=tags[_SAMPLES][0],
        photometric=tags[_PHOTOMETRIC][0],
        storage=tuple(tags.get(tag, (0,))[0] for tag in _STORAGE),
    )
    tiled = _TILE_OFFSETS in tags
    tile = [tags.get(tag, (0,))[0] for tag in (_TILE_HEIGHT, _TILE_WIDTH)] if tiled else [1, 1]
    stored_bytes = _stored_bytes(layout, *tile)
    sizes = tags.get(_TILE_BYTES, ()) if tiled else tags.get(_STRIP_BYTES, (stored_bytes,))
    compressed = tags[_COMPRESSION][0] != 1
    enough = (
        compressed or sum(sizes) == stored_bytes or (len(sizes) == 1 and sizes[0] > stored_bytes)
    )
    if len(sizes) != len(offsets) or 0 in sizes or not enough:
        raise MovieError(
            f"{file} is damaged: the data of page {page} take {sum(sizes)} bytes in {len(sizes)} "
            f"of {len(offsets)} pieces, but {layout.height} x {layout.width} px of {layout.bits} "
            f"bits need {stored_bytes}."
        )
    places = _joined(offsets, sizes)
    return Directory(layout, compressed, table.place, places, table.description, table.outside)


def _stored_bytes(page: PageFormat, tile_height: int, tile_width: int) -> int:
    """Bytes that the pixels take up without compression; tiles at the border are whole."""
    height = -(-page.height // max(tile_height, 1)) * tile_height
    width = -(-page.width // max(tile_width, 1)) * tile_width
    return height * width * page.samples * page.bits // 8


def _joined(offsets: Sequence[int], sizes: Sequence[int]) -> Places:
    """Places of the pieces of a page's data; pieces that touch become one."""
    places: list[tuple[int, int]] = []
    for start, size in zip(offsets, sizes, strict=True):
        if places and places[-1][1] == start:
            places[-1] = (places[-1][0], start + size)
        else:
            places.append((start, start + size))
    return tuple(places)

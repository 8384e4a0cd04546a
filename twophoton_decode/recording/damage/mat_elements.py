"""The elements of a MATLAB file up to version 7, checked before SciPy reads them.

SciPy's reader believes what an element says of its size and kind: on changed bytes it takes
any memory, or ends the whole process. Here every element has to lie within the one around it,
and every array has to hold as many values as its dimensions say.
"""

from __future__ import annotations

import math
import mmap
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

_HEADER_BYTES, _TAG_BYTES = 128, 8
_MATRIX, _COMPRESSED = 14, 15
_ITEM_BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}
_TEXTS = {1, 2, 3, 4, 16, 17, 18}
_INT32, _UINT32 = 5, 6
_CELL, _STRUCT, _OBJECT, _CHARS, _SPARSE = 1, 2, 3, 4, 5
_NUMBERS = range(6, 16)
_FUNCTION, _OPAQUE = 16, 17
_IMAGINARY = 0x800
_MOST_NESTED = 64
_BLOCK_BYTES = 2**20
_UNPACKED_BYTES = 2**26


class _Element(NamedTuple):
    """Its type, and where its data begin and end."""

    type: int
    start: int
    end: int


class _Content(NamedTuple):
    """Bytes of a file, or of an unpacked variable, and their byte order, < or >."""

    data: memoryview
    order: str

    def element(self, place: int, end: int) -> tuple[_Element, int]:
        """The element at `place`, and where the next one begins; ValueError beyond `end`."""
        if place + _TAG_BYTES > end:
            raise ValueError("an element is cut short")
        kind, size = struct.unpack_from(f"{self.order}II", self.data, place)
        if kind >> 16:
            small = _Element(kind & 0xFFFF, place + 4, place + 4 + (kind >> 16))
            if small.end > place + _TAG_BYTES:
                raise ValueError("a small element is longer than four bytes")
            return small, place + _TAG_BYTES
        found = _Element(kind, place + _TAG_BYTES, place + _TAG_BYTES + size)
        if found.end > end:
            raise ValueError("an element is longer than what holds it")
        padding = 0 if kind == _COMPRESSED else -size % 8
        return found, min(found.end + padding, end)

    def numbers(self, element: _Element, code: str = "i") -> tuple[int, ...]:
        """The 32-bit numbers of an element."""
        count, rest = divmod(element.end - element.start, 4)
        if rest or element.type not in (_INT32, _UINT32):
            raise ValueError("an element that should hold 32-bit numbers does not")
        return struct.unpack_from(f"{self.order}{count}{code}", self.data, element.start)


def check_elements(path: Path) -> None:
    """That the elements of a MATLAB file, version 5 to 7, can be true.

    Compressed variables are compared with their checksums; of those that unpack to more than
    64 MB, nothing else is checked.

    Raises
    ------
    ValueError
        They cannot, or the file is of another version.
    """
    with path.open("rb") as stream:
        # Closed when nothing refers to it: an error's traceback may.
        data = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    order = {b"IM": "<", b"MI": ">"}.get(bytes(data[126:128]))
    # SciPy takes what has a zero among its first four bytes for version 4.
    if not order or 0 in data[:4]:
        raise ValueError("it is no MATLAB file of version 5 to 7")
    _check_variables(_Content(data, order))


def _check_variables(content: _Content) -> None:
    place, end = _HEADER_BYTES, len(content.data)
    while place < end:
        element, place = content.element(place, end)
        if element.type == _COMPRESSED:
            try:
                unpacked = _unpacked(content.data[element.start : element.end])
            except zlib.error as error:
                raise ValueError(f"a compressed variable is damaged: {error}") from error
            if unpacked is not None:
                _check_only_matrix(_Content(memoryview(unpacked), content.order))
        elif element.type == _MATRIX:
            _check_matrix(content, element, 0)
        else:
            raise ValueError(f"a variable is of the unknown type {element.type}")


def _unpacked(stored: memoryview) -> bytes | None:
    """A compressed variable, None if it is large; its checksum is compared in any case."""
    unpacker = zlib.decompressobj()
    parts: list[bytes] | None = []
    size, rest = 0, bytes(stored)
    while rest and not unpacker.eof:
        part = unpacker.decompress(rest, _BLOCK_BYTES)
        rest, size = unpacker.unconsumed_tail, size + len(part)
        parts = None if parts is None or size > _UNPACKED_BYTES else [*parts, part]
    if not unpacker.eof:
        raise ValueError("a compressed variable is cut short")
    return None if parts is None else b"".join(parts)


def _check_only_matrix(content: _Content) -> None:
    element, _ = content.element(0, len(content.data))
    if element.type != _MATRIX:
        raise ValueError("a compressed variable holds no array")
    _check_matrix(content, element, 0)


def _check_matrix(content: _Content, matrix: _Element, nested: int) -> None:
    if matrix.start == matrix.end:
        return
    if nested > _MOST_NESTED:
        raise ValueError("arrays are nested too deeply")
    parts = _parts(content, matrix)
    flags = content.numbers(next(parts), "I")
    if len(flags) != 2:
        raise ValueError("an array has no flags")
    kind = flags[0] & 0xFF
    if kind == _OPAQUE:
        return
    shape = content.numbers(next(parts))
    if len(shape) < 2 or min(shape) < 0:
        raise ValueError(f"an array has the dimensions {shape}")
    _check_bytes(next(parts))
    if kind == _FUNCTION:
        return
    values = math.prod(shape)
    if kind in (_CELL, _STRUCT, _OBJECT):
        fields = 1 if kind == _CELL else _count_fields(content, parts, kind)
        _check_nested(content, parts, values * fields, nested)
    elif kind in _NUMBERS or kind == _CHARS:
        _check_values(parts, values, kind, bool(flags[0] & _IMAGINARY))
    elif kind == _SPARSE:
        _check_sparse(content, parts, shape, bool(flags[0] & _IMAGINARY))
    else:
        raise ValueError(f"an array is of the unknown class {kind}")


def _parts(content: _Content, matrix: _Element) -> Iterator[_Element]:
    """The elements inside an array, one after the other; ValueError where one is missing."""
    place = matrix.start
    while True:
        element, place = content.element(place, matrix.end)
        yield element


def _check_bytes(element: _Element) -> None:
    if _ITEM_BYTES.get(element.type) != 1:
        raise ValueError("a name is no text")


def _count_fields(content: _Content, parts: Iterator[_Element], kind: int) -> int:
    if kind == _OBJECT:
        _check_bytes(next(parts))
    lengths, names = content.numbers(next(parts)), next(parts)
    _check_bytes(names)
    if len(lengths) != 1 or lengths[0] < 1 or (names.end - names.start) % lengths[0]:
        raise ValueError("the names of a structure's fields do not fit their length")
    return (names.end - names.start) // lengths[0]


def _check_nested(content: _Content, parts: Iterator[_Element], expected: int, nested: int) -> None:
    if expected * _TAG_BYTES > len(content.data):
        raise ValueError(f"an array claims {expected} arrays in it, more than the file can hold")
    for _ in range(expected):
        part = next(parts)
        if part.type != _MATRIX:
            raise ValueError("a cell or field holds no array")
        _check_matrix(content, part, nested + 1)


def _check_values(parts: Iterator[_Element], values: int, kind: int, has_imaginary: bool) -> None:
    for element in [next(parts), *([next(parts)] if has_imaginary else [])]:
        size = _ITEM_BYTES.get(element.type)
        stored = element.end - element.start
        if size is None or (kind == _CHARS and element.type not in _TEXTS):
            raise ValueError(f"values are of the unknown type {element.type}")
        # UTF-8 takes up to four bytes a character.
        most = 4 if kind == _CHARS and element.type == 16 else 1
        if stored % size or not values <= stored // size <= values * most:
            raise ValueError(f"{values} values take {stored} bytes of {size} each")


def _check_sparse(
    content: _Content, parts: Iterator[_Element], shape: tuple[int, ...], has_imaginary: bool
) -> None:
    row, column = content.numbers(next(parts)), content.numbers(next(parts))
    rising = all(a <= b for a, b in pairwise(column))
    if len(column) != shape[1] + 1 or column[0] != 0 or not rising or column[-1] > len(row):
        raise ValueError("a sparse matrix has columns that do not fit its values")
    if any(not 0 <= number < shape[0] for number in row[: column[-1]]):
        raise ValueError("a sparse matrix has values outside of it")
    for element in [next(parts), *([next(parts)] if has_imaginary else [])]:
        size = _ITEM_BYTES.get(element.type, 0)
        if not size or (element.end - element.start) // size < column[-1]:
            raise ValueError("a sparse matrix lacks values")

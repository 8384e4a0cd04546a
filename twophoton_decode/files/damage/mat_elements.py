"""The elements of a MATLAB file up to version 7, checked before SciPy reads them.

SciPy's reader believes what an element says of its size and kind: on changed bytes it takes
any memory, or ends the whole process. Here the file is walked as SciPy walks it, values passed
over: every element has to lie within the one around it, and every array has to hold as many
values as its dimensions say.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import BinaryIO

import numpy as np

from twophoton_decode.files.damage.mat_stream import (
    TAG_BYTES,
    UNBOUNDED,
    Stream,
    UnpacksToMoreError,
    unpacked,
)
from twophoton_decode.files.damage.mat_version_4 import check_version_4

__all__ = ["UnpacksToMoreError", "check_elements"]

_HEADER_BYTES, _BLOCK_BYTES = 128, 2**16
_MATRIX, _COMPRESSED = 14, 15
_ITEM_BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}
_TEXTS = {1, 2, 3, 4, 16, 17, 18}
_UTF8, _MOST_UTF8_BYTES = 16, 4
_INT32, _UINT32 = 5, 6
_CELL, _STRUCT, _OBJECT, _CHARS, _SPARSE = 1, 2, 3, 4, 5
_NUMBERS = range(6, 16)
_FUNCTION, _OPAQUE = 16, 17
_IMAGINARY, _LOGICAL = 0x800, 0x200
_MOST_NESTED, _MOST_AXES, _MOST_BLANKS = 64, 32, 4096


def check_elements(path: Path, most_bytes: int | None = None) -> None:
    """That the elements of a MATLAB file, version 4 to 7, can be true.

    Compressed variables are unpacked piece by piece and compared with their checksums.

    Parameters
    ----------
    most_bytes : int, optional
        What the variables may unpack to, all together.

    Raises
    ------
    UnpacksToMoreError
        They unpack to more than `most_bytes`; a ValueError.
    ValueError
        The elements cannot be true, or the file is of another version.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        beginning = file.read(_HEADER_BYTES)
        if len(beginning) >= 4 and 0 in beginning[:4]:
            # So SciPy tells version 4, whose files begin with a small number.
            check_version_4(file, size)
            return
        order = {b"IM": "<", b"MI": ">"}.get(beginning[126:])
        if not order:
            raise ValueError("it is no MATLAB file of version 4 to 7")
        _check_variables(file, size, order, UNBOUNDED if most_bytes is None else most_bytes)


def _check_variables(file: BinaryIO, size: int, order: str, most_bytes: int) -> None:
    at, left = _HEADER_BYTES, most_bytes
    while at < size:
        file.seek(at)
        tag = Stream(file, at, order).tag(size)
        at += TAG_BYTES + tag.size
        if at > size:
            raise ValueError("a variable reaches beyond the file")
        if tag.type == _COMPRESSED:
            left -= _check_compressed(unpacked(file, tag.size, order, left))
        elif tag.type == _MATRIX:
            file.seek(-TAG_BYTES, 1)
            _check_matrix(Stream(file, at - tag.size - TAG_BYTES, order), at, 0)
        else:
            raise ValueError(f"a variable is of the unknown type {tag.type}")


def _check_compressed(variable: Stream) -> int:
    """One array, and the checksum at its end; what it unpacks to."""
    _check_matrix(variable, UNBOUNDED, 0)
    return variable.at + sum(map(len, iter(lambda: variable.source.read(_BLOCK_BYTES), b"")))


def _check_matrix(stream: Stream, end: int, nested: int) -> None:
    """One array, whose tag follows and which has to lie before `end`."""
    kind, size, inside = stream.tag(end)
    if kind != _MATRIX or inside is not None:
        raise ValueError(f"where an array should be, there is an element of the type {kind}")
    if nested > _MOST_NESTED:
        raise ValueError("arrays are nested too deeply")
    if stream.at + size > end:
        raise ValueError("an array is longer than what holds it")
    if size:
        _check_array(stream, stream.at + size, nested)


def _check_array(stream: Stream, end: int, nested: int) -> None:
    words = _integers(stream, end, "u4")
    if len(words) != 2:
        raise ValueError("an array has no flags")
    flags, kind = int(words[0]), int(words[0]) & 0xFF
    if kind == _OPAQUE:
        for _ in range(3):
            _check_text(stream, end)
        _check_matrix(stream, end, nested + 1)
        return
    shape = _integers(stream, end).tolist()
    if not 2 <= len(shape) <= _MOST_AXES or min(shape) < 0:
        raise ValueError(f"an array has the dimensions {shape[:_MOST_AXES]}")
    _check_text(stream, end)
    values = math.prod(shape)
    if kind == _FUNCTION:
        _check_matrix(stream, end, nested + 1)
    elif kind in (_CELL, _STRUCT, _OBJECT):
        fields = 1 if kind == _CELL else _count_fields(stream, end, kind)
        _check_nested(stream, end, values, fields, nested)
    elif kind in _NUMBERS or kind == _CHARS:
        for _ in range(1 + bool(flags & _IMAGINARY)):
            _check_values(stream, end, values, kind)
    elif kind == _SPARSE:
        _check_sparse(stream, end, shape, flags)
    else:
        raise ValueError(f"an array is of the unknown class {kind}")


def _integers(stream: Stream, end: int, code: str = "i4") -> np.ndarray:
    """The 32-bit numbers of an element."""
    kind, data = stream.element(end)
    if len(data) % 4 or kind not in (_INT32, _UINT32):
        raise ValueError("an element that should hold 32-bit numbers does not")
    return np.frombuffer(data, f"{stream.order}{code}")


def _check_text(stream: Stream, end: int) -> int:
    """Its bytes."""
    kind, size = stream.passed(end)
    if _ITEM_BYTES.get(kind) != 1:
        raise ValueError("a name is no text")
    return size


def _count_fields(stream: Stream, end: int, kind: int) -> int:
    if kind == _OBJECT:
        _check_text(stream, end)
    lengths, names = _integers(stream, end), _check_text(stream, end)
    if len(lengths) != 1 or lengths[0] < 1 or names % lengths[0]:
        raise ValueError("the names of a structure's fields do not fit their length")
    return int(names // lengths[0])


def _check_nested(stream: Stream, end: int, values: int, fields: int, nested: int) -> None:
    if values * max(fields, 1) > max((end - stream.at) // TAG_BYTES, 1):
        raise ValueError(f"an array claims {values} arrays in it, more than there is room for")
    for _ in range(values * fields):
        _check_matrix(stream, end, nested + 1)


def _check_values(stream: Stream, end: int, values: int, kind: int) -> None:
    found, stored = stream.passed(end)
    size = _ITEM_BYTES.get(found)
    if size is None or (kind == _CHARS and found not in _TEXTS):
        raise ValueError(f"values are of the unknown type {found}")
    if kind == _CHARS and not stored and values <= _MOST_BLANKS:
        return  # read as blanks
    most = _MOST_UTF8_BYTES if kind == _CHARS and found == _UTF8 else 1
    if stored % size or not values <= stored // size <= values * most:
        raise ValueError(f"{values} values take {stored} bytes of {size} each")


def _check_sparse(stream: Stream, end: int, shape: list[int], flags: int) -> None:
    row, column = _integers(stream, end), _integers(stream, end)
    rising = bool((np.diff(column) >= 0).all())
    if len(column) != shape[1] + 1 or column[0] != 0 or not rising or column[-1] > len(row):
        raise ValueError("a sparse matrix has columns that do not fit its values")
    used = row[: column[-1]]
    if ((used < 0) | (used >= shape[0])).any():
        raise ValueError("a sparse matrix has values outside of it")
    is_logical = bool(flags & _LOGICAL)
    for _ in range(1 + bool(flags & _IMAGINARY)):
        kind, stored = stream.passed(end)
        # MATLAB writes truth values as bytes and calls them doubles.
        size = 1 if is_logical else _ITEM_BYTES.get(kind)
        if not size or stored // size < column[-1]:
            raise ValueError("a sparse matrix lacks values")

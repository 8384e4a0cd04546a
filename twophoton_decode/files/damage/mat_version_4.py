"""The matrices of a MATLAB file of version 4, checked before SciPy reads them."""

from __future__ import annotations

import struct
from typing import BinaryIO

_HEADER = "5i"
_ITEM_BYTES = (8, 4, 4, 2, 2, 1)
_MOST_CODE = 5000
_SPARSE = 2
_LONGEST_NAME = 4096


def check_version_4(file: BinaryIO, size: int) -> None:
    """That every matrix lies in the file.

    Raises
    ------
    ValueError
        One does not, or is of an unknown kind.
    """
    at = 0
    while at < size:
        file.seek(at)
        header = file.read(struct.calcsize(_HEADER))
        if len(header) < struct.calcsize(_HEADER):
            raise ValueError("a matrix is cut short")
        code, *others = struct.unpack(f"<{_HEADER}", header)
        if not 0 <= code < _MOST_CODE:
            code, *others = struct.unpack(f">{_HEADER}", header)
        at += len(header) + _matrix_bytes(code, *others)
        if at > size:
            raise ValueError("a matrix is longer than the file")


def _matrix_bytes(code: int, rows: int, columns: int, imaginary: int, name_bytes: int) -> int:
    """Bytes of a matrix and its name; its code has the digits order, 0, item and kind."""
    item, kind = code // 10 % 10, code % 10
    if not 0 <= code < _MOST_CODE or code // 100 % 10 or item >= len(_ITEM_BYTES) or kind > _SPARSE:
        raise ValueError(f"a matrix is of the unknown kind {code}")
    if min(rows, columns) < 0 or not 0 < name_bytes <= _LONGEST_NAME or imaginary not in (0, 1):
        raise ValueError(f"a matrix has {rows} x {columns} values and a name of {name_bytes} bytes")
    parts = 2 if imaginary and kind != _SPARSE else 1
    return rows * columns * _ITEM_BYTES[item] * parts + name_bytes

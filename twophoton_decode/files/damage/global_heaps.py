"""The global heaps of an HDF5 file, where texts lie, checked before the library reads them.

An object of a size that cannot be sends the library round without end, where Ctrl-C does not
reach it: one flipped bit of a record or an NWB file is enough.
"""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

_SIGNATURE, _HEADER, _OBJECT = b"GCOL", "<4sB3xQ", "<HH4xQ"
_OBJECT_BYTES = struct.calcsize(_OBJECT)
_FREE = 0
_WHOLE_BYTES, _ENDS_BYTES = 2**28, 2**26


def check_global_heaps(path: Path) -> None:
    """That the objects of every heap lie in it.

    Files above 256 MB are looked through near their beginning and end, where texts lie that
    describe them.

    Raises
    ------
    ValueError
        They do not.
    """
    if not path.stat().st_size:
        return
    with (
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        for begin, end in _searched(len(content)):
            at = content.find(_SIGNATURE, begin, end)
            while at >= 0:
                _check_heap(content, at)
                at = content.find(_SIGNATURE, at + 1, end)


def _searched(size: int) -> list[tuple[int, int]]:
    if size <= _WHOLE_BYTES:
        return [(0, size)]
    return [(0, _ENDS_BYTES), (size - _ENDS_BYTES, size)]


def _check_heap(content: mmap.mmap, begin: int) -> None:
    """Values may hold the signature too; a heap is what has its version and lies in the file."""
    at = begin + struct.calcsize(_HEADER)
    if at > len(content):
        return
    _, version, size = struct.unpack_from(_HEADER, content, begin)
    end = begin + size
    if version != 1 or end > len(content):
        return
    while at + _OBJECT_BYTES <= end:
        number, _, stored = struct.unpack_from(_OBJECT, content, at)
        step = stored if number == _FREE else _OBJECT_BYTES + stored + -stored % 8
        if step < _OBJECT_BYTES or at + step > end:
            raise ValueError(f"an object in the heap at byte {begin} takes {stored} bytes")
        at += step

"""The structure of a MATLAB 5 file, checked before SciPy follows it.

SciPy looks up a tag's type in a table without asking whether it is in there, so one
damaged byte ends the process; and it unpacks a variable to whatever size it has.
"""

from __future__ import annotations

import math
import struct
import zlib

from twophoton_decode.errors import StimulusLogError

LARGEST_BYTES = 256 * 2**20
_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_PLAIN = {1, 2, 3, 4, 5, 6, 7, 9, 12, 13, 16, 17, 18}
_CELL, _STRUCT, _OBJECT, _SPARSE, _FUNCTION, _OPAQUE = 1, 2, 3, 5, 16, 17
_COMPLEX = 0x800
_DEEPEST = 32


def check_structure(content: bytes) -> None:
    """Follow every tag of the file, compressed variables included.

    Raises
    ------
    ValueError
        A tag that cannot be, or that reaches beyond its file.
    StimulusLogError
        Variables that unpack to more than `LARGEST_BYTES`.
    """
    order = ">" if content[126:128] == b"MI" else "<"
    file, left = _Tags(memoryview(content)[_HEADER_BYTES:], order), LARGEST_BYTES
    while file.at < len(file.data):
        start = file.at
        kind, size = file.tag()
        if kind == _COMPRESSED:
            unpacked = _unpacked(file.take(size), left)
            left -= len(unpacked)
            _Tags(memoryview(unpacked), order).matrix()
        else:
            file.at = start
            file.matrix()


def _unpacked(data: memoryview, most: int) -> bytes:
    stream = zlib.decompressobj()
    unpacked = stream.decompress(bytes(data), most)
    if stream.unconsumed_tail:
        raise StimulusLogError(
            f"the .mat file unpacks to more than {LARGEST_BYTES // 2**20} MB, which is no "
            "stimulus log. Save the log's variables alone."
        )
    return unpacked


class _Tags:
    """A place in the file's bytes, moved on from tag to tag as SciPy does."""

    def __init__(self, data: memoryview, order: str) -> None:
        self.data, self.order, self.at = data, order, 0

    def take(self, size: int) -> memoryview:
        """The next bytes."""
        if self.at + size > len(self.data):
            raise ValueError("a value reaches beyond the file")
        self.at += size
        return self.data[self.at - size : self.at]

    def numbers(self, values: memoryview) -> tuple[int, ...]:
        """Integers of four bytes."""
        return struct.unpack(f"{self.order}{len(values) // 4}i", values[: len(values) // 4 * 4])

    def tag(self) -> tuple[int, int]:
        """Type and size of what follows."""
        kind, size = self.numbers(self.take(8))
        if size < 0:
            raise ValueError("a value of negative size")
        return kind, size

    def element(self) -> memoryview:
        """Numbers or characters, which may lie within their tag."""
        (word,) = self.numbers(self.take(4))
        if word >> 16:
            kind, size, inside = word & 0xFFFF, word >> 16, True
        else:
            kind, size, inside = word, self.numbers(self.take(4))[0], False
        if kind not in _PLAIN or size < 0 or (inside and size > 4):
            raise ValueError(f"a value of the type {kind} with {size} bytes")
        values = self.take(size)
        padding = 4 - size if inside else -size % 8
        self.at = min(self.at + padding, len(self.data))
        return values

    def matrix(self, depth: int = 0) -> None:
        """A variable, or a value within one."""
        kind, size = self.tag()
        if kind != _MATRIX or depth > _DEEPEST:
            raise ValueError(f"a value of the type {kind} in place of a matrix")
        if size == 0:
            return
        flags = self.numbers(self.take(16))[2]
        of = flags & 0xFF
        if not _CELL <= of <= _OPAQUE:
            raise ValueError(f"a matrix of the class {of}")
        if of == _OPAQUE:
            self._several(3)
            self.matrix(depth + 1)
            return
        shape = self.numbers(self.element())
        self._several(1)
        self._values(of, bool(flags & _COMPLEX), shape, depth)

    def _several(self, count: int) -> None:
        for _ in range(count):
            self.element()

    def _values(self, of: int, is_complex: bool, shape: tuple[int, ...], depth: int) -> None:
        if of == _FUNCTION:
            self.matrix(depth + 1)
        elif of in (_CELL, _STRUCT, _OBJECT):
            self._matrices(self._fields(of) * math.prod(shape), depth)
        else:
            self._several((3 if of == _SPARSE else 1) + is_complex)

    def _fields(self, of: int) -> int:
        """How many fields a struct has; a cell array counts as one."""
        if of == _CELL:
            return 1
        if of == _OBJECT:
            self._several(1)
        (width,) = self.numbers(self.element())
        names = self.element()
        if width <= 0:
            raise ValueError(f"names of {width} bytes")
        return len(names) // width

    def _matrices(self, count: int, depth: int) -> None:
        if not 0 <= count <= (len(self.data) - self.at) // 8:
            raise ValueError(f"{count} values, more than the file could hold")
        for _ in range(count):
            self.matrix(depth + 1)

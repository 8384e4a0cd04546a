"""Bytes of a MATLAB file one after the other, compressed variables unpacked on the way."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from typing import BinaryIO, NamedTuple

TAG_BYTES = 8
UNBOUNDED = sys.maxsize
_BLOCK_BYTES = 2**16


class UnpacksToMoreError(ValueError):
    """Variables unpack to more bytes than the reader allows."""


class Tag(NamedTuple):
    """Type and size of an element; its data, where they lie in the tag itself."""

    type: int
    size: int
    inside: bytes | None


class Stream:
    """A place `at` in `source`, moved on as elements are read; numbers in `order`, < or >."""

    def __init__(self, source: BinaryIO, at: int, order: str) -> None:
        self.source, self.at, self.order = source, at, order

    def take(self, count: int, end: int) -> bytes:
        """The next bytes; ValueError if they reach beyond `end` or are not there."""
        self._check(count, end)
        parts = bytearray()
        while len(parts) < count:
            # Memory is taken for what is there, not for what an element claims.
            part = self.source.read(min(count - len(parts), _BLOCK_BYTES))
            if not part:
                raise ValueError("an element is cut short")
            parts += part
        self.at += count
        return bytes(parts)

    def skip(self, count: int, end: int) -> None:
        """Pass over bytes, as `take`."""
        self._check(count, end)
        if self.source.seekable():
            self.source.seek(count, io.SEEK_CUR)
            self.at += count
            return
        while count:
            count -= len(self.take(min(count, _BLOCK_BYTES), end))

    def tag(self, end: int) -> Tag:
        """What follows; up to four bytes of data lie in the tag itself."""
        data = self.take(TAG_BYTES, end)
        kind, size = struct.unpack(f"{self.order}II", data)
        if not kind >> 16:
            return Tag(kind, size, None)
        if kind >> 16 > TAG_BYTES - 4:
            raise ValueError("a small element is longer than four bytes")
        return Tag(kind & 0xFFFF, kind >> 16, data[4 : 4 + (kind >> 16)])

    def element(self, end: int) -> tuple[int, bytes]:
        """Type and data of the next element."""
        tag = self.tag(end)
        if tag.inside is not None:
            return tag.type, tag.inside
        data = self.take(tag.size, end)
        self._pad(tag.size, end)
        return tag.type, data

    def passed(self, end: int) -> tuple[int, int]:
        """Type and size of the next element, whose data are passed over."""
        tag = self.tag(end)
        if tag.inside is None:
            self.skip(tag.size, end)
            self._pad(tag.size, end)
        return tag.type, tag.size

    def _pad(self, size: int, end: int) -> None:
        """Data end on multiples of eight bytes, but for the last ones."""
        self.skip(min(-size % 8, end - self.at), end)

    def _check(self, count: int, end: int) -> None:
        if self.at + count > end:
            raise ValueError("an element is longer than what holds it")


def unpacked(file: BinaryIO, size: int, order: str, most_bytes: int) -> Stream:
    """The compressed variable in the next `size` bytes of `file`."""
    return Stream(io.BufferedReader(_Unpacked(file, size, most_bytes)), 0, order)


class _Unpacked(io.RawIOBase):
    """What a compressed variable unpacks to, whose end is compared with its checksum."""

    def __init__(self, file: BinaryIO, size: int, most_bytes: int) -> None:
        self._file, self._left, self._most = file, size, most_bytes
        self._unpacker, self._rest = zlib.decompressobj(), b""

    def readable(self) -> bool:
        """That it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` as far as the next piece goes."""
        data = b""
        while not data and not self._unpacker.eof:
            if not self._rest:
                self._rest = self._file.read(min(self._left, _BLOCK_BYTES))
                self._left -= len(self._rest)
            if not self._rest:
                raise ValueError("a compressed variable is cut short")
            data = self._piece(len(buffer))
        buffer[: len(data)] = data
        self._most -= len(data)
        if self._most < 0:
            raise UnpacksToMoreError("its variables unpack to more than is allowed")
        return len(data)

    def _piece(self, most: int) -> bytes:
        try:
            data = self._unpacker.decompress(self._rest, most)
        except zlib.error as error:
            raise ValueError(f"a compressed variable is damaged: {error}") from error
        self._rest = self._unpacker.unconsumed_tail
        return data

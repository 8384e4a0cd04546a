"""The header of an array in NumPy's own format, whose length is checked before it is read."""

from __future__ import annotations

import struct
from typing import IO

import numpy as np

_MOST_BYTES = 2**16
_LENGTHS = {1: "<H", 2: "<I", 3: "<I"}


def read_npy_header(stream: IO[bytes], size: int) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of the array of `size` bytes that begins here.

    Raises
    ------
    ValueError
        It is no such array, or its header is longer than headers are.
    """
    version = np.lib.format.read_magic(stream)
    if version[0] not in _LENGTHS:
        raise ValueError(f"an .npy file of the unknown version {version[0]}.{version[1]}")
    begin, code = stream.tell(), _LENGTHS[version[0]]
    (length,) = struct.unpack(code, stream.read(struct.calcsize(code)))
    if length > min(_MOST_BYTES, size):
        raise ValueError(f"a header of {length} bytes")
    stream.seek(begin)
    read = np.lib.format.read_array_header_1_0
    if version[0] > 1:
        read = np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype

"""Arrays in NumPy's .npy and .npz files, sparse matrices of scipy among them; never pickles."""

from __future__ import annotations

import math
import struct
import zipfile
from pathlib import Path
from typing import IO

import numpy as np
import scipy.sparse

from twophoton_decode.errors import ResponseError, UsageError
from twophoton_decode.files.arrays.found import FoundArray, what_of
from twophoton_decode.files.arrays.memory import check_memory, check_stored_bytes, dense
from twophoton_decode.files.arrays.names import chosen

_MOST_HEADER_BYTES = 2**16
_LENGTHS = {1: "<H", 2: "<I", 3: "<I"}
_OF_SPARSE = {"format", "shape", "data"}


def read_npy(path: Path, key: str) -> FoundArray:
    """The one array of an .npy file."""
    if key:
        raise UsageError(f"{path}: an .npy file holds one array, so ={key} cannot be chosen.")
    with path.open("rb") as stream:
        return FoundArray(_read(stream, path.stat().st_size, str(path)))


def read_npz(path: Path, key: str) -> FoundArray:
    """One array of an .npz file, or the sparse matrix that `scipy.sparse.save_npz` wrote."""
    with zipfile.ZipFile(path) as file:
        members = {
            info.filename.removesuffix(".npy"): info
            for info in file.infolist()
            if info.filename.endswith(".npy")
        }
        if not key and members.keys() >= _OF_SPARSE:
            return dense(scipy.sparse.load_npz(path), str(path))
        member = members[chosen(path, key, list(members))]
        with file.open(member) as stream:
            return FoundArray(_read(stream, member.file_size, what_of(path, key)))


def _read(stream: IO[bytes], size: int, what: str) -> np.ndarray:
    """One array of `size` bytes with its header, which is checked before any memory is taken."""
    shape, dtype = _read_header(stream, size)
    if dtype.hasobject:
        raise ResponseError(
            f"{what} cannot be read: it holds Python objects, which could run code. Save the "
            "numbers alone, as an array of one type."
        )
    if min(shape, default=0) < 0:
        raise ResponseError(f"{what} cannot be read: its header announces the shape {shape}.")
    count = math.prod(shape)
    check_stored_bytes(count, dtype.itemsize, size - stream.tell(), what)
    check_memory(count, dtype.itemsize, what)
    stream.seek(0)
    return np.asarray(np.lib.format.read_array(stream, allow_pickle=False))


def _read_header(stream: IO[bytes], size: int) -> tuple[tuple[int, ...], np.dtype]:
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
    if length > min(_MOST_HEADER_BYTES, size):
        raise ValueError(f"a header of {length} bytes")
    stream.seek(begin)
    read = np.lib.format.read_array_header_1_0
    if version[0] > 1:
        read = np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    return shape, dtype

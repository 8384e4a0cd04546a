"""The arrays of a page again, as its script reads them: what `DataBlock` does, undone."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np


def unpacked(text: str, listed: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """The arrays of a group, by name."""
    stream, at, found = zlib.decompress(base64.b64decode(text)), 0, {}
    for each in listed:
        kind = np.dtype(each["type"]).newbyteorder("<")
        count = int(np.prod(each["shape"], dtype=int))
        planes = np.frombuffer(stream, np.uint8, count * kind.itemsize, at)
        found[each["name"]] = _from_planes(planes.reshape(kind.itemsize, count), kind).reshape(
            each["shape"]
        )
        at += count * kind.itemsize
    return found


def _from_planes(planes: np.ndarray, kind: np.dtype[Any]) -> np.ndarray:
    values = np.ascontiguousarray(planes.T).view(kind).ravel()
    if kind.name in ("int16", "int32"):
        folded = values.view(kind.str.replace("i", "u"))
        values = (folded >> 1).astype(kind) ^ -(folded & 1).astype(kind)
    return values

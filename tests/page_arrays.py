"""The arrays of a page again, as its script reads them: what `Group.packed` does, undone."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import numpy as np


def unpacked(stored: bytes | str) -> dict[str, np.ndarray]:
    """The arrays of a group, by name; of one in the page, or of one that was fetched."""
    if isinstance(stored, str):
        stored = base64.b64decode(stored)
    stream, found = zlib.decompress(stored), {}
    at = 4 + int(np.frombuffer(stream, "<u4", 1)[0])
    for each in json.loads(stream[4:at])["arrays"]:
        kind = np.dtype(each["type"]).newbyteorder("<")
        count = int(np.prod(each["shape"], dtype=int))
        planes = np.frombuffer(stream, np.uint8, count * kind.itemsize, at)
        values = _from_planes(planes.reshape(kind.itemsize, count), kind)
        found[each["name"]] = values.reshape(each["shape"])
        at += count * kind.itemsize
    return found


def _from_planes(planes: np.ndarray, kind: np.dtype[Any]) -> np.ndarray:
    values = np.ascontiguousarray(planes.T).view(kind).ravel()
    if kind.name in ("int16", "int32"):
        folded = values.view(kind.str.replace("i", "u"))
        values = (folded >> 1).astype(kind) ^ -(folded & 1).astype(kind)
    return values

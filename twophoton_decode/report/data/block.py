"""Named arrays as text for a page: little-endian, deflated, base64."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

TYPES: Final = ("uint8", "int8", "uint16", "int16", "int32", "float32")
"""What the page's script can read; see ``script/src/data.ts``."""

_LEVEL: Final = 7


@dataclass
class DataBlock:
    """Arrays in groups; a group is what the page unpacks at once.

    Numbers wider than a byte are laid out plane by plane, all first bytes, then all second
    ones, and whole numbers are folded (0, −1, 1, −2 … become 0, 1, 2, 3 …), because most are
    small: their second plane is then nearly empty, and deflating makes use of that.
    """

    groups: dict[str, list[tuple[str, np.ndarray]]] = field(default_factory=dict)
    _texts: dict[str, str] = field(default_factory=dict)

    def add(self, group: str, name: str, values: np.ndarray) -> None:
        """Add an array; its type must be one of `TYPES`."""
        if values.dtype.name not in TYPES:
            raise TypeError(f"{group}/{name} is {values.dtype.name}; the page reads {TYPES}")
        self.groups.setdefault(group, []).append((name, np.ascontiguousarray(values)))
        self._texts.pop(group, None)

    def add_group(self, group: str, arrays: Sequence[tuple[str, np.ndarray]], text: str) -> None:
        """Add a group whose bytes are known, as deflating takes a while."""
        for name, values in arrays:
            self.add(group, name, values)
        self._texts[group] = text

    def take(self, other: DataBlock) -> None:
        """Add the groups of another block."""
        for group, text in other.texts().items():
            self.add_group(group, other.groups[group], text)

    def manifest(self) -> dict[str, list[dict[str, Any]]]:
        """Name, type and shape of every array, in the order of its group's bytes."""
        return {
            group: [{"name": n, "type": a.dtype.name, "shape": list(a.shape)} for n, a in arrays]
            for group, arrays in self.groups.items()
        }

    def texts(self) -> dict[str, str]:
        """The bytes of every group, in base64."""
        for group, arrays in self.groups.items():
            if group not in self._texts:
                self._texts[group] = packed(arrays)
        return {group: self._texts[group] for group in self.groups}


def packed(arrays: Sequence[tuple[str, np.ndarray]]) -> str:
    """The arrays one after the other, deflated as a whole (zlib), in base64."""
    return base64.b64encode(zlib.compress(b"".join(_planes(a) for _, a in arrays), _LEVEL)).decode()


def _planes(values: np.ndarray) -> bytes:
    """All first bytes of the numbers, then all second ones."""
    kind = values.dtype.newbyteorder("<")
    if values.dtype.name in ("int16", "int32"):
        bits = 8 * kind.itemsize
        values = (values << 1) ^ (values >> (bits - 1))
    rows = values.astype(kind).ravel().view(np.uint8).reshape(-1, kind.itemsize)
    return np.ascontiguousarray(rows.T).tobytes()

"""Named arrays as a page reads them: little-endian, deflated; embedded ones in base64."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

TYPES: Final = ("uint8", "int8", "uint16", "int16", "int32", "float32")
"""What the page's script can read; see ``script/src/data.ts``."""

SMALLEST: Final = 7
"""Level of deflating for a page that is kept."""
QUICKEST: Final = 1
"""Level for a page that is served from the same computer."""

Arrays = Sequence[tuple[str, np.ndarray]]


@dataclass(frozen=True)
class Group:
    """What the page unpacks at once: arrays, and facts about them that go into JSON."""

    arrays: Arrays
    facts: Mapping[str, Any] = field(default_factory=dict)

    def packed(self, level: int = SMALLEST) -> bytes:
        """The group as bytes, which say themselves what they hold.

        Deflated as a whole (zlib): the length of a header, the header in JSON, and the arrays
        one after the other. Numbers wider than a byte are laid out plane by plane, all first
        bytes, then all second ones, and whole numbers are folded (0, −1, 1, −2 … become 0, 1,
        2, 3 …), because most are small: their second plane is then nearly empty, and deflating
        makes use of that.

        Raises
        ------
        TypeError
            An array is of none of the `TYPES`.
        """
        listed = [_listed(name, values) for name, values in self.arrays]
        head = json.dumps({"arrays": listed, "facts": self.facts}, allow_nan=False).encode()
        planes = (_planes(np.ascontiguousarray(values)) for _, values in self.arrays)
        return zlib.compress(b"".join([np.uint32(len(head)).tobytes(), head, *planes]), level)

    @property
    def text(self) -> str:
        """The group as it stands in a page."""
        return base64.b64encode(self.packed()).decode()


def _listed(name: str, values: np.ndarray) -> dict[str, Any]:
    if values.dtype.name not in TYPES:
        raise TypeError(f"{name} is {values.dtype.name}; the page reads {TYPES}")
    return {"name": name, "type": values.dtype.name, "shape": list(values.shape)}


def _planes(values: np.ndarray) -> bytes:
    """All first bytes of the numbers, then all second ones."""
    kind = values.dtype.newbyteorder("<")
    if values.dtype.name in ("int16", "int32"):
        bits = 8 * kind.itemsize
        values = (values << 1) ^ (values >> (bits - 1))
    rows = values.astype(kind).ravel().view(np.uint8).reshape(-1, kind.itemsize)
    return np.ascontiguousarray(rows.T).tobytes()

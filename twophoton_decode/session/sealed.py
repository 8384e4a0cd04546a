"""JSON files that say when they were damaged: beside the content stands its checksum.

The checksum is against accidents: whoever edits the content on purpose can compute it anew.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from twophoton_decode.files.atomic import write_text

_UNREADABLE = (OSError, ValueError, LookupError, TypeError, RecursionError)


class Damaged(ValueError):  # noqa: N818
    """A sealed file holds something else than what was written."""


def write_sealed(path: Path, content: Any) -> None:
    """Write `content`, plain data, whole or not at all, together with its checksum."""
    plain = json.loads(json.dumps(content))
    write_text(path, json.dumps({"check": _check(plain), "content": plain}, indent=1))


def read_sealed(path: Path) -> Any:
    """What `write_sealed` wrote.

    Raises
    ------
    Damaged
        There is no such file, or it holds anything else.
    """
    try:
        sealed = json.loads(path.read_text(encoding="utf-8"))
        found, content = sealed["check"], sealed["content"]
        same = found == _check(content)
    except _UNREADABLE as error:
        raise Damaged(f"{type(error).__name__}: {error}") from error
    if not same:
        raise Damaged("its checksum does not match")
    return content


def _check(content: Any) -> str:
    """Of the content, not of its bytes: spaces and the order of keys do not matter."""
    text = json.dumps(content, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

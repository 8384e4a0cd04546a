"""Writing files so that there is never half a file."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UNFINISHED = ".part"
_TEMPORARY = re.compile(rf"\.(?P<name>.+)\.[a-z0-9_]{{8}}(?P<ending>{re.escape(_UNFINISHED)})?")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when the block succeeds.

    It is flushed to the disk before it is renamed, and removed if the block raises. Where
    `path` is a link, the link is replaced, not what it leads to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(
        prefix=f".{path.name}.", suffix=_UNFINISHED, dir=path.parent
    )
    os.close(descriptor)
    temporary = Path(name)
    try:
        yield temporary
        _flush_to_disk(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` to `path` as UTF-8, whole or not at all.

    Lone surrogates, from names that are not UTF-8, become escapes, as JSON has them.
    """
    write_bytes(path, content.encode("utf-8", "backslashreplace"))


def meant_for(temporary: str) -> str:
    """The name of the file that a temporary file of `replacing` was to become.

    Empty where `temporary` is not named like one. Those of earlier versions had no ending.
    """
    found = _TEMPORARY.fullmatch(temporary)
    return found["name"] if found else ""


def _flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _umask() -> int:
    """The user's mask for new files, which ``mkstemp`` ignores."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

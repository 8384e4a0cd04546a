"""Marks that a substep of extraction is done: what it depends on, and digests of its files.

Left by this program and by suite2p's process. A file that differs from its digest is not what
was written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twophoton_decode.extraction.kept.files import Substep, files_of

Key = dict[str, Any]
_PIECE_BYTES = 2**24


def new_digest() -> hashlib.blake2b:
    """To be fed with a file's bytes while they are written."""
    return hashlib.blake2b(digest_size=20)


def digest_of(file: Path, size: int | None = None) -> hashlib.blake2b:
    """Of a file's bytes, or of its first `size`."""
    digest = new_digest()
    left = file.stat().st_size if size is None else size
    with file.open("rb", buffering=0) as stream:
        while left and (piece := stream.read(min(left, _PIECE_BYTES))):
            digest.update(piece)
            left -= len(piece)
    return digest


def marker(folder: Path, substep: Substep) -> Path:
    """The file that says so."""
    return folder / f"{substep}.json"


def mark_done(
    folder: Path, substep: Substep, key: Key, known: Mapping[str, str] | None = None
) -> None:
    """Say in `folder` that `substep` is done, and what its result depends on.

    Digests that are not `known` are taken from the files. First all files reach the disk:
    the marker is not to outlive them in a power cut.
    """
    digests = dict(known or {})
    for name in files_of(substep):
        file = folder / name
        if file.exists():
            if name not in digests:
                digests[name] = digest_of(file).hexdigest()
            with file.open("r+b") as stream:
                os.fsync(stream.fileno())
    new = folder / f"new-{substep}.json"
    new.write_text(json.dumps({"key": key, "files": digests}))
    new.replace(marker(folder, substep))


def digest_again(folder: Path, substep: Substep, name: str) -> None:
    """Let the marker know a file that was changed on purpose, if it is there."""
    digests = digests_marked(folder, substep)
    if digests is not None and (folder / name).exists():
        known = {other: digest for other, digest in digests.items() if other != name}
        mark_done(folder, substep, key_marked(folder, substep), known)


def key_marked(folder: Path, substep: Substep) -> Any:
    """What the substep's result in `folder` depends on; None where there is none."""
    kept = _read(folder, substep)
    return kept["key"] if _has_digests(kept) else kept


def digests_marked(folder: Path, substep: Substep) -> dict[str, str] | None:
    """Digests of the substep's files; None where an earlier version took none."""
    kept = _read(folder, substep)
    return dict(kept["files"]) if _has_digests(kept) else None


def damaged_files(folder: Path, substep: Substep, leave_out: tuple[str, ...] = ()) -> list[str]:
    """Names of the substep's files that are gone or not what was written, but for some."""
    digests = digests_marked(folder, substep) or {}
    return [
        name
        for name in sorted(digests)
        if name not in leave_out and not _is_same(folder / name, digests[name])
    ]


def _is_same(file: Path, digest: str) -> bool:
    with contextlib.suppress(OSError):
        return digest_of(file).hexdigest() == digest
    return False


def _has_digests(kept: Any) -> bool:
    """Markers of earlier versions are the key itself."""
    return (
        isinstance(kept, dict)
        and kept.keys() == {"key", "files"}
        and isinstance(kept["files"], dict)
    )


def _read(folder: Path, substep: Substep) -> Any:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        return json.loads(marker(folder, substep).read_text(), object_hook=_without_diameter)
    return None


def _without_diameter(values: dict[str, Any]) -> dict[str, Any]:
    """Earlier versions wrote down a diameter, which changed nothing."""
    return {name: value for name, value in values.items() if name != "diameter"}

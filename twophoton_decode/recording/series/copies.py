"""Files that hold the same bytes: copies of each other under other names."""

from __future__ import annotations

import filecmp
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

_SAMPLE_BYTES = 4096
_LOOKED_AT_BYTES = 2**20
# What compresses to less is a blank frame or hardly more: many of these may be equal.
_LITTLE_BYTES = 4096


def equal_files(files: Sequence[Path]) -> list[list[Path]]:
    """Groups of files that hold the same bytes, each in the order given.

    Only files of one size are compared, by a block in the middle before the whole. Blank
    frames, which may well be equal, do not count.
    """
    sized = _grouped(files, lambda file: file.stat().st_size)
    sampled = [alike for group in sized for alike in _grouped(group, _sample)]
    telling = [group for group in sampled if not _is_blank(group[0])]
    return [equal for group in telling for equal in _by_content(group)]


def _sample(file: Path) -> bytes:
    return _middle(file, _SAMPLE_BYTES)


def _is_blank(file: Path) -> bool:
    return len(zlib.compress(_middle(file, _LOOKED_AT_BYTES), 1)) < _LITTLE_BYTES


def _grouped(files: Iterable[Path], key: Callable[[Path], object]) -> list[list[Path]]:
    found: defaultdict[object, list[Path]] = defaultdict(list)
    for file in files:
        found[key(file)].append(file)
    return [group for group in found.values() if len(group) > 1]


def _middle(file: Path, size: int) -> bytes:
    """At most `size` bytes from the middle of a file."""
    with file.open("rb") as stream:
        stream.seek(max(0, (file.stat().st_size - size) // 2))
        return stream.read(size)


def _by_content(files: Sequence[Path]) -> list[list[Path]]:
    found: list[list[Path]] = []
    for file in files:
        same = (group for group in found if filecmp.cmp(group[0], file, shallow=False))
        group = next(same, None)
        if group is None:
            found.append([file])
        else:
            group.append(file)
    return [group for group in found if len(group) > 1]

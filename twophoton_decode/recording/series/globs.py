"""How to name some of the files of a folder: a glob that finds them and no others."""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path


def glob_of(wanted: Sequence[Path], others: Sequence[Path]) -> str:
    """A glob, in quotes, for the files `wanted` but none of the `others` in their folder.

    The name of a single file; a few words where no simple glob tells them apart.
    """
    folder = wanted[0].parent
    names = [file.name for file in wanted if file.parent == folder]
    if len(names) == 1:
        return f"'{wanted[0]}'"
    kept = {file.name for file in others if file.parent == folder} - set(names)
    pattern = _varying_numbers(names) or _middle(names)
    if any(fnmatchcase(name, pattern) for name in kept):
        return f"{wanted[0]} and those that go with it, one by one"
    return f"'{folder / pattern}'"


def _varying_numbers(names: Sequence[str]) -> str:
    """An asterisk for each number that varies; empty where more varies than numbers."""
    parts = [re.split(r"(\d+)", name) for name in names]
    if len({len(part) for part in parts}) > 1 or len({tuple(part[::2]) for part in parts}) > 1:
        return ""
    return "".join(
        glob.escape(column[0]) if len(set(column)) == 1 else "*"
        for column in zip(*parts, strict=True)
    )


def _middle(names: Sequence[str]) -> str:
    """An asterisk for all that stands between what the names begin and end with."""
    first = _common(names)
    last = _common([name[::-1] for name in names])[::-1]
    last = last[max(0, len(first) + len(last) - min(map(len, names))) :]
    return f"{glob.escape(first)}*{glob.escape(last)}"


def _common(names: Sequence[str]) -> str:
    """What all names begin with."""
    same = takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in same)

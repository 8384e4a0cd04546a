"""How to name some of the files of a folder: a glob that finds them and no others."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path


def glob_of(wanted: Sequence[Path], others: Sequence[Path]) -> str:
    """A glob, in quotes, for the files `wanted` but none of the `others` in their folder.

    The name of a single file; a few words where no simple glob tells them apart.
    """
    folder = wanted[0].parent
    names = [file.name for file in wanted if file.parent == folder]
    if len(names) == 1:
        return f"'{wanted[0]}'"
    first = os.path.commonprefix(names)
    last = os.path.commonprefix([name[::-1] for name in names])[::-1]
    last = last[max(0, len(first) + len(last) - min(map(len, names))) :]
    kept = {file.name for file in others if file.parent == folder} - set(names)
    # Digits that all numbers happen to begin or end with belong to the numbers.
    for begin, end in ((re.sub(r"\d+$", "", first), re.sub(r"^\d+", "", last)), (first, last)):
        pattern = f"{glob.escape(begin)}*{glob.escape(end)}"
        if not any(fnmatchcase(name, pattern) for name in kept):
            return f"'{folder / pattern}'"
    return f"{wanted[0]} and those that go with it, one by one"

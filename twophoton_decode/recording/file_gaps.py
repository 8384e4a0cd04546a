"""Gaps in the numbers of a recording's files: was one left out?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path


def file_gaps(files: Sequence[str]) -> list[str]:
    """Where the numbers in successive files' names do not go up by one, in words.

    Names are compared only where they differ in a single number.
    """
    gaps = []
    for before, after in pairwise(files):
        step = _step(Path(before).name, Path(after).name)
        if step is not None and step != 1:
            gaps.append(
                f"{Path(after).name} comes after {Path(before).name}: a file of the recording may "
                "be missing"
            )
    return gaps


def _step(before: str, after: str) -> int | None:
    """By how much the one number in which two names differ goes up; None where it is not one."""
    parts = [re.split(r"(\d+)", name) for name in (before, after)]
    if len(parts[0]) != len(parts[1]):
        return None
    different = [pair for pair in zip(*parts, strict=True) if pair[0] != pair[1]]
    if len(different) != 1 or not all(text.isdecimal() for text in different[0]):
        return None
    return int(different[0][1]) - int(different[0][0])

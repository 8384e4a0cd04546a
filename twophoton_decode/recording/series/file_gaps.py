"""Gaps in the numbers of a recording's files: was one left out?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from twophoton_decode.recording.series.file_names import FileName, read_names, varying

_LISTED = 3


class _Step(NamedTuple):
    """By how much a number goes up from one file to the next, and the frames of the first."""

    before: Path
    after: Path
    size: int
    frames: int


def file_gaps(files: Sequence[str], frames: Sequence[int] = ()) -> list[str]:
    """Where the numbers in successive files' names do not go up evenly, in words.

    Names are compared only where they differ in a single number. Numbers that go up by one,
    by the same step everywhere, or by the `frames` of the file before, are those of a series;
    where most steps differ, as those of clock times, nothing can be said.
    """
    steps = _steps([Path(file) for file in files], frames)
    counts = Counter(step.size for step in steps)
    usual, times = max(counts.items(), key=lambda item: (item[1], -item[0]), default=(1, 0))
    if len(steps) == 1 or (len(steps) > 2 and times <= len(steps) / 2):
        usual = 1
    known = len(steps) < 3 or times > len(steps) / 2
    odd = [step for step in steps if step.size not in (usual, step.frames) and known]
    gaps = [
        f"{step.after.name} comes after {step.before.name}: a file of the recording may be missing"
        for step in odd[:_LISTED]
    ]
    if len(odd) > _LISTED:
        gaps.append(f"the numbers of the files have {len(odd) - _LISTED} gaps more")
    return gaps


def _steps(files: Sequence[Path], frames: Sequence[int]) -> list[_Step]:
    names = read_names(files)
    counts = list(frames) or [0] * len(files)
    return [
        _Step(*pair, size, int(count))
        for pair, name, count in zip(pairwise(files), pairwise(names), counts, strict=False)
        if (size := _size(*name)) is not None
    ]


def _size(before: FileName, after: FileName) -> int | None:
    """By how much the one number in which two names differ goes up; None where it is not one.

    A first file without a number counts as one before the first number, if that is 0, 1 or 2.
    """
    last = len(after.numbers) - 1
    if after.pattern == before.first_of and before.numbers[:last] == after.numbers[:last]:
        return max(1, after.numbers[-1] - 1)
    if after.pattern != before.pattern or varying([before, after]):
        return None
    different = [a - b for a, b in zip(after.numbers, before.numbers, strict=True) if a != b]
    return different[0] if len(different) == 1 else None

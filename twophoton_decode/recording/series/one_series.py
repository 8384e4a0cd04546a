"""Do the names of some files form one series, such as rec_1, rec_2, rec_3?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from twophoton_decode.recording.series.file_names import (
    CHANNEL,
    DEPTH,
    PLANE,
    POSITION,
    FileName,
    read_names,
    varying,
)
from twophoton_decode.recording.series.globs import glob_of
from twophoton_decode.words import counted

_LISTED = 4
_OPEN = {DEPTH: "depths", POSITION: "positions"}


def groups_by_name(files: Sequence[Path]) -> list[list[Path]]:
    """The files by the words of their names, digits aside; the largest group first.

    A file without a number belongs to the numbered ones: rec to rec-1 and rec-2.
    """
    groups: dict[str, list[Path]] = {}
    for file, name in zip(files, read_names(files), strict=True):
        groups.setdefault(name.pattern, []).append(file)
    for file, name in zip(files, read_names(files), strict=True):
        if name.first_of in groups and groups[name.pattern] == [file]:
            groups[name.first_of].insert(0, file)
            del groups[name.pattern]
    return sorted(groups.values(), key=len, reverse=True)


def words_differ(files: Sequence[Path]) -> str:
    """Which different names there are, in words; empty where all form one series."""
    groups = groups_by_name(files)
    if len(groups) < 2:
        return ""
    listed = [
        f"{len(group)} like {group[0].name}" if len(group) > 1 else group[0].name
        for group in groups[:_LISTED]
    ]
    more = len(groups) - _LISTED
    return ", ".join(listed) + (f" and {counted(more, 'other')}" if more > 0 else "")


def numbers_lead(files: Sequence[Path]) -> bool:
    """Whether the first number of every name rises from file to file: 001_left, 002_right."""
    names = read_names(files)
    first = {name.pattern.partition("#")[0] for name in names}
    return len(first) == 1 and all(name.numbers for name in names) and _rises(names, 0)


def whole_beside_parts(files: Sequence[Path], frames: Sequence[int]) -> list[str]:
    """A first file without a number that has the frames of all others: f.tif, f_1.tif, f_2.tif."""
    names = read_names(files)
    numbered = {name.pattern for name in names[1:]} == {names[0].first_of}
    if len(files) < 3 or not numbered or frames[0] != sum(frames[1:]):
        return []
    return [
        f"{files[0].name} has as many frames as the {len(files) - 1} files after it together: it "
        "may be the same movie again"
    ]


def example(files: Sequence[Path]) -> str:
    """How to name the largest group of files."""
    return glob_of(groups_by_name(files)[0], files)


def doubt_about_order(files: Sequence[Path]) -> str:
    """Why the files of one series may not follow each other in time; empty if they do.

    `files` are in natural order. Channels and planes are told apart by `named_channels`.
    """
    read = list(zip(files, read_names(files), strict=True))
    pattern = max((name.pattern for _, name in read), key=len)
    pairs = [pair for pair in read if pair[1].pattern == pattern]
    differ = varying([name for _, name in pairs])
    kinds = {at: pairs[0][1].markers[at].kind for at in differ}
    for at in differ:
        if kinds[at] in _OPEN:
            return _not_in_time(pairs, at, files)
    split = [at for at in differ if kinds[at] in (CHANNEL, PLANE)]
    first = [pairs[0][1].markers[at].value for at in split]
    series = [pair for pair in pairs if [pair[1].markers[at].value for at in split] == first]
    return _numbers_doubt(series)


def _not_in_time(pairs: Sequence[tuple[Path, FileName]], at: int, files: Sequence[Path]) -> str:
    first = pairs[0][1].markers[at]
    texts = list(dict.fromkeys(name.markers[at].text for _, name in pairs))
    wanted = [file for file, name in pairs if name.markers[at].value == first.value]
    more = ", …" if len(texts) > _LISTED else ""
    return (
        f"the names of the files count {_OPEN[first.kind]} ({', '.join(texts[:_LISTED])}{more}), "
        f"which do not follow each other in time. Name those of one, such as "
        f"{glob_of(wanted, files)}."
    )


def _numbers_doubt(series: Sequence[tuple[Path, FileName]]) -> str:
    files, names = zip(*series, strict=True)
    columns = list(zip(*(name.numbers for name in names), strict=True))
    vary = [at for at, column in enumerate(columns) if len(set(column)) > 1]
    rising = [at for at in vary if _rises(names, at)]
    counting = [at for at in vary if _counts(columns[at])]
    if len(names) < 2 or (rising and (not counting or set(rising) & set(counting))):
        return ""
    if len(vary) < 2:
        return _does_not_go_on(series)
    wanted = [file for file, name in series if name.numbers[vary[0]] == names[0].numbers[vary[0]]]
    return (
        f"more than one number varies in the names of the files, from {files[0].name} to "
        f"{files[-1].name}: they may count time, channels, planes or positions. Name one series, "
        f"such as {glob_of(wanted, files)}; if several follow each other in time, name one after "
        "the other."
    )


def _does_not_go_on(series: Sequence[tuple[Path, FileName]]) -> str:
    first, second = next(
        (before.name, after.name)
        for (before, one), (after, other) in pairwise(series)
        if one.numbers >= other.numbers
    )
    return (
        f"the number of {second} does not go up from that of {first} before it. Name the files you "
        "mean, one by one."
    )


def _counts(numbers: Sequence[int]) -> bool:
    """Whether the numbers, sorted, go up by one: stim3_trial1, stim1_trial2, stim3_trial3."""
    span = max(numbers) - min(numbers) + 1
    return len(numbers) > 2 and len(set(numbers)) == len(numbers) == span


def _rises(names: Sequence[FileName], at: int) -> bool:
    return all(a.numbers[at] < b.numbers[at] for a, b in pairwise(names))

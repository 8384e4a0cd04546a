"""Files that hold one channel or plane each, as their names say: Ch1 and Ch2, ChanA and ChanB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.files.natural_order import natural_order
from twophoton_decode.recording.series.file_names import (
    CHANNEL,
    PLANE,
    FileName,
    Marker,
    read_names,
    varying,
)
from twophoton_decode.recording.series.globs import glob_of
from twophoton_decode.words import counted

BY_NAME = "file names"
_TOO_MANY = 8


@dataclass(frozen=True)
class NamedChannels:
    """Which file holds which plane and channel of which stretch of time.

    Attributes
    ----------
    files : sequence of Path
        All files, as they were handed in.
    part : array
        (time, plane, channel) -> number of the file.
    names : tuple of str
        The planes and channels as the names have them.
    """

    files: Sequence[Path]
    part: np.ndarray
    names: tuple[str, ...]

    @property
    def note(self) -> str:
        """What the names were taken for, in words."""
        return f"the files are read as {self._counts}, by their names ({_listed(self.names)})"

    @property
    def _counts(self) -> str:
        _, planes, channels = self.part.shape
        parts = [(planes, "plane"), (channels, "channel")]
        return " and ".join(counted(number, what) for number, what in parts if number > 1)

    def source(self, told: Mapping[str, str]) -> dict[str, str]:
        """Who says how many planes and channels there are, where each file has `told` its own.

        Where the names count channels only, planes may still be interleaved in each file.
        """
        by_name = {"channels": BY_NAME} if self.part.shape[1] == 1 else {"planes": BY_NAME}
        return {"channels": BY_NAME, **told, **by_name}

    def table(self, pages: Sequence[np.ndarray]) -> np.ndarray:
        """(frame, plane, channel) -> image, from that of each file by itself.

        Raises
        ------
        MovieError
            Files of one stretch of time differ in frames, planes or channels, or hold
            several of what their names count; there is one frame of each of many.
        """
        table = np.concatenate([self._stretch(row, pages) for row in self.part])
        if len(table) == 1 and len(self.files) > _TOO_MANY:
            raise MovieError(
                f"by their names ({_listed(self.names)}), the files are {self._counts} of one "
                "frame each. Expected a movie: if the numbers count frames, call the files "
                "frame0001 and so on."
            )
        return table

    def check_told(self, page: np.ndarray | None, kind: str) -> None:
        """That the metadata of `kind` tell of the planes and channels of which the names tell.

        Raises
        ------
        MovieError
            They tell of fewer, so that files taken at once would follow each other, or of more.
        """
        told = (1, 1) if page is None else page.shape[1:]
        named = self.part.shape[1:]
        if any(count not in (1, found) for count, found in zip(named, told, strict=True)):
            raise MovieError(
                f"by their names ({_listed(self.names)}), the files are {self._counts}, but their "
                f"{kind} metadata state {counted(told[0], 'plane')} and "
                f"{counted(told[1], 'channel')}. Name the files of one, such as "
                f"{glob_of(self._first, self.files)}."
            )

    @property
    def _first(self) -> list[Path]:
        """The files of the first plane and channel."""
        return [self.files[file] for file in self.part[:, 0, 0].tolist()]

    def _stretch(self, row: np.ndarray, pages: Sequence[np.ndarray]) -> np.ndarray:
        first = int(row[0, 0])
        for number in row.ravel().tolist():
            self._check(number, first, pages)
        return np.concatenate(
            [np.concatenate([pages[file] for file in plane], axis=2) for plane in row], axis=1
        )

    def _check(self, number: int, first: int, pages: Sequence[np.ndarray]) -> None:
        file, other = self.files[number], self.files[first]
        shape, expected = pages[number].shape, pages[first].shape
        for axis, what in ((1, "plane"), (2, "channel")):
            if self.part.shape[axis] > 1 and shape[axis] > 1:
                raise MovieError(
                    f"{file} holds {counted(shape[axis], what)}, but its name says that it holds "
                    f"one of {self.part.shape[axis]} ({_listed(self.names)}). Which is which "
                    f"cannot be known: name the files of one {what}."
                )
        if shape != expected:
            raise MovieError(
                f"{file} has {counted(shape[0], 'frame')}, but {other}, which by its name was "
                f"taken at the same time, has {expected[0]}. Copy both again from the "
                "microscope's computer, or name the files of one channel."
            )


def named_channels(files: Sequence[Path], only_words: bool = False) -> NamedChannels | None:
    """The planes and channels that the files' names tell apart; None where they tell of none.

    With `only_words`, single letters such as c1 and c2 count for nothing.

    Raises
    ------
    MovieError
        The names tell channels or planes apart, but not all of them have the same files.
    """
    names = read_names(files)
    chosen = [at for at in _chosen(files, names) if names[0].markers[at].sure or not only_words]
    if not chosen:
        return None
    groups: dict[tuple[str, ...], dict[str, int]] = {}
    for number, name in enumerate(names):
        key = tuple(name.markers[at].value.lower() for at in chosen)
        label = name.label(chosen).lower()
        other = groups.setdefault(key, {}).setdefault(label, number)
        if other != number:
            raise MovieError(
                f"by their names, {files[other]} and {files[number]} hold the same. Name one."
            )
    return _grid(files, names, chosen, groups)


def _chosen(files: Sequence[Path], names: Sequence[FileName]) -> list[int]:
    """Which markers count channels or planes, planes first."""
    if len({len(name.markers) for name in names}) > 1:
        _refuse_mixed(files, names)
        return []
    markers = names[0].markers
    chosen = [at for at in varying(names) if markers[at].kind in (CHANNEL, PLANE)]
    chosen = [at for at in chosen if not _is_counter(names, at)]
    for kind in (CHANNEL, PLANE):
        same = [markers[at].text for at in chosen if markers[at].kind == kind]
        if len(same) > 1:
            raise MovieError(
                f"the name {files[0].name} may say the {kind} in two places "
                f"({' and '.join(same)}). Name the files of one {kind}."
            )
    return sorted(chosen, key=lambda at: markers[at].kind == CHANNEL)


def _is_counter(names: Sequence[FileName], at: int) -> bool:
    """c0001, c0002 and so on: a letter before the only number is no channel."""
    values = {name.markers[at].value for name in names}
    alone = len(values) == len(names)
    return alone and len(values) > _TOO_MANY and not names[0].markers[at].sure


def _refuse_mixed(files: Sequence[Path], names: Sequence[FileName]) -> None:
    """Where some names say a channel, and others none."""
    said = [[m for m in name.markers if m.kind == CHANNEL and m.sure] for name in names]
    if len({marker.value for found in said for marker in found}) > 1:
        with_one = next(file for file, found in zip(files, said, strict=True) if found)
        without = next((file for file, found in zip(files, said, strict=True) if not found), None)
        if without is not None:
            raise MovieError(
                f"the name {with_one.name} says its channel, but {without.name} does not. Name "
                f"the files of one channel, such as {_example(files, with_one, said)}."
            )


def _example(files: Sequence[Path], one: Path, said: Sequence[Sequence[Marker]]) -> str:
    value = {file: [m.value for m in found] for file, found in zip(files, said, strict=True)}
    wanted = [file for file in files if value[file] == value[one]]
    return glob_of(wanted, files)


def _grid(
    files: Sequence[Path],
    names: Sequence[FileName],
    chosen: Sequence[int],
    groups: dict[tuple[str, ...], dict[str, int]],
) -> NamedChannels:
    planes, channels = _values(names, chosen, PLANE), _values(names, chosen, CHANNEL)
    longest = max(groups.values(), key=len)
    whole = len(groups) == len(planes) * len(channels)
    if not whole or any(group.keys() != longest.keys() for group in groups.values()):
        raise _unequal(files, names, chosen, groups)
    wanted = [
        [tuple(value for value in (plane, channel) if value) for channel in channels]
        for plane in planes
    ]
    part = [[[groups[key][label] for key in row] for row in wanted] for label in longest]
    return NamedChannels(files, np.array(part), tuple(_texts(names, chosen)))


def _values(names: Sequence[FileName], chosen: Sequence[int], kind: str) -> list[str]:
    """The numbers of the channels or planes, in order; one empty one where none is counted."""
    values = {
        name.markers[at].value.lower()
        for name in names
        for at in chosen
        if name.markers[at].kind == kind
    }
    return sorted(values, key=lambda value: natural_order(Path(value))) or [""]


def _texts(names: Sequence[FileName], chosen: Sequence[int]) -> list[str]:
    texts = {name.markers[at].text for at in chosen for name in names}
    return sorted(texts, key=lambda text: natural_order(Path(text)))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_TOO_MANY]) + (", …" if len(names) > _TOO_MANY else "")


def _unequal(
    files: Sequence[Path],
    names: Sequence[FileName],
    chosen: Sequence[int],
    groups: dict[tuple[str, ...], dict[str, int]],
) -> MovieError:
    """The counts of each channel's files, an example of what one lacks, and how to name one."""
    longest = max(groups.values(), key=len)
    counts, lacking = [], ""
    for group in groups.values():
        number = next(iter(group.values()))
        text = " ".join(names[number].markers[at].text for at in chosen)
        counts.append(f"{text} {counted(len(group), 'file')}")
        missing = [files[longest[label]].name for label in longest if label not in group]
        if missing and not lacking:
            lacking = f" There is no file of {text} that goes with {missing[0]}."
    example = glob_of([files[number] for number in longest.values()], files)
    return MovieError(
        "the files are of several channels or planes by their names, but not the same files of "
        f"each: {', '.join(counts)}.{lacking} Copy what is missing, or name the files of one "
        f"channel or plane, such as {example}."
    )

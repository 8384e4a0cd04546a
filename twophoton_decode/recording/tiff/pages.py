"""The pages of a TIFF as its directories describe them, and whether that can be true.

They say how many whole pages a file holds, also when the file was cut short.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

_FAR = 2**63 - 1
_ROW = 7
_FEWEST_TO_TELL = 4

Places = tuple[tuple[int, int], ...]


class PageFormat(NamedTuple):
    """What has to agree between the pages of a movie."""

    height: int
    width: int
    bits: int
    sample_format: int
    samples: int
    photometric: int
    storage: tuple[int, ...]

    @property
    def is_tiled(self) -> bool:
        """Whether pixels lie in tiles; `storage` ends with their height."""
        return self.storage[-1] > 0


class Directory(NamedTuple):
    """One page: its format, and where it, its data and its description lie in the file.

    Places are (start, end) in bytes; data that touch are one place. `tags` are the places
    of what does not fit into the table.
    """

    format: PageFormat
    compressed: bool
    table: tuple[int, int]
    data: Places
    description: tuple[int, int]
    tags: Places

    @property
    def data_start(self) -> int:
        """First byte of the data."""
        return min(start for start, _ in self.data)

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame without compression."""
        return self.format.height * self.format.width * self.format.bits // 8


class Directories:
    """The directories of one file in their order, packed: a movie may have a million.

    Each is put together again when it is asked for.
    """

    __slots__ = ("_data", "_formats", "_rows", "_tags")

    def __init__(self) -> None:
        self._formats: list[PageFormat] = []
        # Compressed, table, description, and how many data and tags there are up to here.
        self._rows = array("q")
        self._data = array("q")
        self._tags = array("q")

    def append(self, directory: Directory) -> None:
        """Take one more; places beyond any file are moved to the farthest that can be named."""
        self._formats.append(_shared(directory.format))
        self._data.extend(min(byte, _FAR) for place in directory.data for byte in place)
        self._tags.extend(byte for place in directory.tags for byte in place)
        until = len(self._data) // 2, len(self._tags) // 2
        self._rows.extend((directory.compressed, *directory.table, *directory.description, *until))

    def __len__(self) -> int:
        return len(self._formats)

    def __getitem__(self, number: int) -> Directory:
        at = range(len(self))[number] * _ROW
        compressed, *places, data_end, tags_end = self._rows[at : at + _ROW]
        data_begin, tags_begin = self._rows[at - 2 : at] if at else (0, 0)
        return Directory(
            format=self._formats[number],
            compressed=bool(compressed),
            table=(places[0], places[1]),
            data=_pairs(self._data[2 * data_begin : 2 * data_end]),
            description=(places[2], places[3]),
            tags=_pairs(self._tags[2 * tags_begin : 2 * tags_end]),
        )

    def __iter__(self) -> Iterator[Directory]:
        return map(self.__getitem__, range(len(self)))

    @property
    def data(self) -> np.ndarray:
        """Start and end of all data, page by page, (pieces, 2)."""
        return np.array(self._data).reshape(-1, 2)

    @property
    def data_page(self) -> np.ndarray:
        """The page that each piece of the data belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self._row_table[:, 5], prepend=0))

    @property
    def data_ends(self) -> np.ndarray:
        """One past the last byte of each page's data."""
        begins = np.append(0, self._row_table[:-1, 5]) if len(self) else np.arange(0)
        return np.maximum.reduceat(self.data[:, 1], begins)

    @property
    def others(self) -> np.ndarray:
        """Start and end of all tables and tags, (places, 2)."""
        tags = np.array(self._tags).reshape(-1, 2)
        return np.concatenate([self._row_table[:, 1:3], tags])

    @property
    def _row_table(self) -> np.ndarray:
        return np.array(self._rows).reshape(-1, _ROW)


@lru_cache(maxsize=64)
def _shared(page: PageFormat) -> PageFormat:
    """The same object for equal formats, over all pages and files."""
    return page


def _pairs(numbers: array[int]) -> Places:
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


@dataclass(frozen=True)
class Chain:
    """The directories that a file holds whole.

    `cut` is true where the chain goes on beyond the end of the file.
    """

    directories: Directories
    cut: bool
    file_bytes: int

    @property
    def unclaimed_bytes(self) -> int:
        """Bytes of the file that no page, table or tag takes up."""
        header = 16
        claimed = sum(
            int((places[:, 1] - places[:, 0]).sum())
            for places in (self.directories.data, self.directories.others)
        )
        return self.file_bytes - claimed - header

    @property
    def overlapping_page(self) -> int | None:
        """A page whose data lie on another page, a table or a tag; None if there is none."""
        start, end = self.directories.data.T
        order = np.lexsort((self.directories.data_page, end, start))
        start, end, page = start[order], end[order], self.directories.data_page[order]
        on_page = np.flatnonzero(start[1:] < end[:-1]) + 1
        other_start, other_end = self.directories.others.T
        order = np.argsort(other_start)
        # Tags may share their values, so ends are made to rise.
        following = np.searchsorted(np.maximum.accumulate(other_end[order]), start, side="right")
        on_other = np.flatnonzero(np.append(other_start[order], _FAR)[following] < end)
        overlaps = np.concatenate([on_page, on_other])
        return int(page[overlaps[0]]) if overlaps.size else None

    @property
    def page_beside_its_place(self) -> int | None:
        """The one page whose data end farther from what follows than those of all others do.

        A writer aligns every page alike, so its data are likely to begin some bytes later
        than the directory says. None if there is no such page, or too few to tell.
        """
        places = np.concatenate([self.directories.data, self.directories.others])
        starts, ends = np.sort(places[:, 0]), self.directories.data_ends
        following = np.append(starts, self.file_bytes)[np.searchsorted(starts, ends)]
        gaps, page, count = np.unique(following - ends, return_index=True, return_counts=True)
        if len(ends) < _FEWEST_TO_TELL or len(gaps) != 2 or count.min() > 1:
            return None
        return int(page[count.argmin()])

    @property
    def whole_pages(self) -> int:
        """Pages, counted from the first, whose data lie in the file entirely."""
        beyond = np.flatnonzero(self.directories.data_ends > self.file_bytes)
        return int(beyond[0]) if beyond.size else len(self.directories)

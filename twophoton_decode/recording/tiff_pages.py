"""The pages of a TIFF as its directories describe them, and whether that can be true.

They say how many whole pages a file holds, also when the file was cut short.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

_FAR = np.int64(2**63 - 1)

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
    def data_end(self) -> int:
        """One past the last byte of the data."""
        return max(end for _, end in self.data)


@dataclass(frozen=True)
class Chain:
    """The directories that a file holds whole.

    `cut` is true where the chain goes on beyond the end of the file.
    """

    directories: list[Directory]
    cut: bool
    file_bytes: int

    @property
    def unclaimed_bytes(self) -> int:
        """Bytes of the file that no page, table or tag takes up."""
        header = 16
        claimed = sum(
            end - start
            for directory in self.directories
            for start, end in (directory.table, *directory.tags, *directory.data)
        )
        return self.file_bytes - claimed - header

    @property
    def overlapping_page(self) -> int | None:
        """A page whose data lie on another page, a table or a tag; None if there is none."""
        start, end, page = _sorted_places(
            (*place, number) for number, each in enumerate(self.directories) for place in each.data
        )
        on_page = np.flatnonzero(start[1:] < end[:-1]) + 1
        tag_start, tag_end, _ = _sorted_places(
            (*place, 0) for each in self.directories for place in (each.table, *each.tags)
        )
        # Tags may share their values, so ends are made to rise.
        following = np.searchsorted(np.maximum.accumulate(tag_end), start, side="right")
        on_tag = np.flatnonzero(np.append(tag_start, _FAR)[following] < end)
        overlaps = np.concatenate([on_page, on_tag])
        return int(page[overlaps[0]]) if overlaps.size else None

    @property
    def page_beside_its_place(self) -> int | None:
        """The one page whose data end farther from what follows than those of all others do.

        A writer aligns every page alike, so its data are likely to begin some bytes later
        than the directory says. None if there is no such page, or too few to tell.
        """
        starts = np.sort(
            [
                start
                for each in self.directories
                for start, _ in (each.table, *each.tags, *each.data)
            ]
        )
        ends = np.array([each.data_end for each in self.directories])
        following = np.append(starts, self.file_bytes)[np.searchsorted(starts, ends)]
        gaps, page, count = np.unique(following - ends, return_index=True, return_counts=True)
        if len(ends) < _FEWEST_TO_TELL or len(gaps) != 2 or count.min() > 1:
            return None
        return int(page[count.argmin()])

    @property
    def whole_pages(self) -> int:
        """Pages, counted from the first, whose data lie in the file entirely."""
        for number, directory in enumerate(self.directories):
            if directory.data_end > self.file_bytes:
                return number
        return len(self.directories)


_FEWEST_TO_TELL = 4


def _sorted_places(places: Iterable[tuple[int, int, int]]) -> np.ndarray:
    """Starts, ends and numbers, in the order of the starts."""
    return np.array(sorted(places), dtype=np.int64).reshape(-1, 3).T

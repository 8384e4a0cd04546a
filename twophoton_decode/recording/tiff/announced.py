"""How many images each directory of a TIFF stands for, by what descriptions announce.

Mostly one. ImageJ above 4 GB and tifffile on demand write one directory for many images that
follow each other. A description may also promise what the file does not hold, because another
program took pages out or put some in: what is there is read, and both numbers are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.tiff.pages import Chain


@dataclass(frozen=True)
class Promise:
    """What one description says: so many images from its directory on.

    `images` is None where the description begins a part of the file and says no number.
    """

    directory: int
    images: int | None


@dataclass(frozen=True)
class ImageCounts:
    """Images of each directory, (directory,), and what is odd about them, in words."""

    images: np.ndarray
    warnings: tuple[str, ...] = ()


def count_images(file: Path, chain: Chain, promises: Sequence[Promise]) -> ImageCounts:
    """The images that a file holds whole.

    Parameters
    ----------
    promises : sequence of Promise
        In the order of their directories; none where no description says anything.

    Raises
    ------
    MovieError
        Pages or announced pixels lie beyond the end of the file; pages were lost from its list.
    """
    directories = len(chain.directories)
    announced = sum(promise.images or 0 for promise in promises)
    if chain.cut or chain.whole_pages < directories:
        known = announced or (0 if chain.cut else directories)
        raise truncated(file, _whole_frames(chain, promises), known)
    ends = [*(promise.directory for promise in promises), directories][1:]
    parts = [
        (promise.directory, promise.images, end - promise.directory)
        for promise, end in zip(promises, ends, strict=bool(promises))
        if promise.images is not None
    ]
    images = np.ones(directories, dtype=np.int64)
    blocks = _Blocks.of(chain)
    for first, promised, here in parts:
        if here == 1 and blocks.hold(first, promised):
            images[first] = promised
    wrong = [(first, said, here) for first, said, here in parts if said != here * images[first]]
    if len(wrong) == directories > 1 and len({said for _, said, _ in wrong}) == 1:
        # One description, copied to every page.
        wrong = [(0, wrong[0][1], directories)] if wrong[0][1] != directories else []
    for first, promised, here in wrong:
        if here == 1 and blocks.are_cut(first, promised):
            before = int(images[:first].sum())
            raise truncated(file, before + blocks.room(first), before + promised)
    return ImageCounts(images, _mismatch(file, chain, wrong) if wrong else ())


def _mismatch(file: Path, chain: Chain, wrong: Sequence[tuple[int, int, int]]) -> tuple[str, ...]:
    """What to tell about parts with other numbers of images than announced."""
    _, said, found = (sum(numbers) for numbers in zip(*wrong, strict=True))
    missing = sum(max(promised - here, 0) for _, promised, here in wrong)
    page_bytes = int(np.diff(chain.directories.data, axis=1).sum()) // len(chain.directories)
    if missing and chain.unclaimed_bytes >= page_bytes:
        raise MovieError(
            f"{file} is damaged: its description announces {said} images, its list of pages "
            f"names {found}, and {chain.unclaimed_bytes} bytes belong to no page. Copy it again "
            "from the microscope's computer."
        )
    return (
        f"{file.name}: its description announces {said} images, but {found} are present and are "
        "read: another program removed or added pages",
    )


def truncated(file: Path, whole: int, announced: int) -> MovieError:
    """The error about a file that ends too early; 0 announced where that is unknown."""
    promise = f" of {announced} announced" if announced else ""
    return MovieError(
        f"{file} is truncated: it holds {whole} whole frames{promise}, then it ends. Copy it again "
        "from the microscope's computer."
    )


def _whole_frames(chain: Chain, promises: Sequence[Promise]) -> int:
    """Frames before the end of the file, counted by pixels where one description says how many."""
    first = chain.directories[0]
    promised = promises[0].images if len(promises) == 1 else None
    if promised is None or promised <= len(chain.directories) or first.compressed:
        return chain.whole_pages
    return max(0, min((chain.file_bytes - first.data_start) // first.frame_bytes, promised))


@dataclass(frozen=True)
class _Blocks:
    """Pixels of many images that follow each other after one directory; all `starts`, rising."""

    chain: Chain
    starts: np.ndarray

    @classmethod
    def of(cls, chain: Chain) -> _Blocks:
        places = np.concatenate([chain.directories.data, chain.directories.others])
        return cls(chain, np.sort(places[:, 0]))

    def _end(self, directory: int) -> int:
        """The byte up to which pixels can go."""
        begin = self.chain.directories[directory].data_start
        following = self.starts[np.searchsorted(self.starts, begin, side="right") :]
        return min([self.chain.file_bytes, *following[:1].tolist()])

    def room(self, directory: int) -> int:
        """Images between the first pixel and what follows."""
        one = self.chain.directories[directory]
        return (self._end(directory) - one.data_start) // one.frame_bytes

    def hold(self, directory: int, images: int) -> bool:
        """Whether so many images follow each other there."""
        one = self.chain.directories[directory]
        in_rows = not one.compressed and not one.format.is_tiled and len(one.data) == 1
        return in_rows and self.room(directory) >= images

    def are_cut(self, directory: int, images: int) -> bool:
        """Whether the file ends among so many images."""
        compressed = self.chain.directories[directory].compressed
        at_end = self._end(directory) == self.chain.file_bytes
        return not compressed and at_end and self.room(directory) < images

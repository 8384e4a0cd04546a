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
from twophoton_decode.recording.tiff_pages import Chain


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
    images = np.ones(directories, dtype=np.int64)
    wrong = []
    ends = [*(promise.directory for promise in promises), directories][1:]
    for promise, end in zip(promises, ends, strict=bool(promises)):
        here = end - promise.directory
        if promise.images is None or promise.images == here:
            continue
        if here == 1 and _follow_each_other(chain, promise.directory, promise.images):
            images[promise.directory] = promise.images
            continue
        if here == 1:
            _refuse_cut_block(file, chain, promise, int(images[: promise.directory].sum()))
        wrong.append((promise.images, here))
    return ImageCounts(images, _mismatch(file, chain, wrong) if wrong else ())


def _mismatch(file: Path, chain: Chain, wrong: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """What to tell about parts with other numbers of images than announced."""
    said, found = (sum(numbers) for numbers in zip(*wrong, strict=True))
    missing = sum(max(promised - here, 0) for promised, here in wrong)
    page_bytes = int(np.diff(chain.directories.data, axis=1).sum()) // len(chain.directories)
    if missing and chain.unclaimed_bytes >= page_bytes:
        raise MovieError(
            f"{file} is damaged: its description announces {said} images, its list of pages "
            f"names {found}, and {chain.unclaimed_bytes} bytes belong to no page. Copy it again "
            "from the microscope's computer."
        )
    return (
        f"{file.name}: its description announces {said} images, but {found} are there, and "
        "read: another program took pages out or put some in",
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


def _room(chain: Chain, directory: int) -> tuple[int, bool]:
    """Images that fit between a directory's pixels and what follows; if that is the file's end."""
    one = chain.directories[directory]
    starts = np.concatenate([chain.directories.data[:, 0], chain.directories.others[:, 0]])
    following = starts[starts > one.data_start]
    end = min(int(following.min(initial=chain.file_bytes)), chain.file_bytes)
    return (end - one.data_start) // one.frame_bytes, end == chain.file_bytes


def _follow_each_other(chain: Chain, directory: int, images: int) -> bool:
    """Whether the pixels of so many images follow those of one directory."""
    one = chain.directories[directory]
    in_rows = not one.compressed and len(one.data) == 1 and one.data_bytes == one.frame_bytes
    return in_rows and _room(chain, directory)[0] >= images


def _refuse_cut_block(file: Path, chain: Chain, promise: Promise, before: int) -> None:
    """One directory for many images, of which the file ends too early."""
    one = chain.directories[promise.directory]
    room, at_end = _room(chain, promise.directory)
    if promise.images and not one.compressed and at_end and room < promise.images:
        raise truncated(file, before + room, before + promise.images)

"""The stimulus pictures by their headers: names, that each opens, and that sizes agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.stimulus.pictures import (
    is_folder_of_pictures,
    luminance,
    picture_files,
    picture_size,
    read_picture,
    read_stack,
    refuse_other_sizes,
)

_MOST_DECODED = 20


@dataclass(frozen=True)
class PlannedPictures:
    """What the log may name, shape (image,), and what was left out, in words."""

    name: np.ndarray
    notes: tuple[str, ...] = ()


def plan_pictures(
    source: Path,
    size_px: int,
    *,
    key: str = "",
    axes: str = "",
    shape: tuple[int, int] | None = None,
) -> PlannedPictures:
    """Look at the pictures that `read_pictures` will read, with the same arguments.

    Of a folder, every header is read, and at most 20 pictures, evenly spaced, are decoded.
    A stack is one array and read whole.

    Raises
    ------
    UsageError, StimulusImageError
        As `read_pictures`, as far as headers and the pictures decoded tell.
    """
    if not is_folder_of_pictures(source):
        stack = read_stack(source, key, axes=axes, shape=shape)
        images = len(stack.pictures)
        for index in _some(images):
            luminance(stack.pictures[index], f"{source}, image {index}")
        return PlannedPictures(np.array([str(index) for index in range(images)]), stack.notes)
    files, notes = picture_files(source)
    sizes = [_at_working_size(picture_size(file), size_px) for file in files]
    refuse_other_sizes(sizes, [str(file) for file in files])
    for index in _some(len(files)):
        luminance(read_picture(files[index]).pixels, str(files[index]))
    return PlannedPictures(np.array([file.name for file in files]), tuple(notes))


def _some(count: int) -> list[int]:
    """At most 20 evenly spaced indices, the first and the last among them."""
    chosen = np.linspace(0, count - 1, min(count, _MOST_DECODED))
    return [int(index) for index in chosen.round()]


def _at_working_size(size: Sequence[int], size_px: int) -> tuple[int, int]:
    """What becomes of a picture of this height and width, see `to_working_size`."""
    height, width = size
    return (size_px, size_px) if min(height, width) >= size_px else (height, width)

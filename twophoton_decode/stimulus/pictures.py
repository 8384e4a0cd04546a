"""The pictures that were shown, as luminance at working size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.files.array import open_array
from twophoton_decode.files.arrays.found import FoundArray
from twophoton_decode.files.arrays.names import SUFFIXES as ARRAY_SUFFIXES
from twophoton_decode.files.arrays.picture_stack import PictureStack, picture_stack
from twophoton_decode.stimulus.picture_files.folder import (
    PICTURE_SUFFIXES,
    TIFF_SUFFIXES,
    picture_files,
)
from twophoton_decode.stimulus.picture_files.luminance import luminance
from twophoton_decode.stimulus.picture_files.pixels import PictureFile
from twophoton_decode.stimulus.picture_files.raster import raster_size, read_raster
from twophoton_decode.stimulus.picture_files.tiff_picture import (
    read_tiff_picture,
    read_tiff_stack,
    tiff_size,
)
from twophoton_decode.stimulus.picture_files.values import SignedBytes, in_safe_range

__all__ = ["PICTURE_SUFFIXES", "TIFF_SUFFIXES", "StimulusPictures", "luminance", "picture_files"]


@dataclass(frozen=True)
class StimulusPictures:
    """Every picture, in the order to which indices in the log refer.

    Attributes
    ----------
    picture : ndarray, shape (image, y, x), float32
        Luminance; 0 to 1 where the files hold 8- or 16-bit integers, else as in the file.
    name : ndarray of str, shape (image,)
        File names, or "0", "1", … for a stack.
    notes : list of str
        What was cropped, resized or left out.
    exponent : int
        The values are those of the files divided by 10 to this power.
    """

    picture: np.ndarray
    name: np.ndarray
    notes: list[str]
    exponent: int = 0


def read_pictures(
    source: Path,
    size_px: int,
    *,
    key: str = "",
    axes: str = "",
    shape: tuple[int, int] | None = None,
    count: int | None = None,
) -> StimulusPictures:
    """Pictures as luminance, centre-cropped to a square and area-averaged [ours].

    Luminance is the luma of sRGB, 0.2126 R + 0.7152 G + 0.0722 B on the values as they
    are stored; grey pictures keep theirs. A picture whose short side reaches `size_px` is
    cropped to its central square and averaged over areas; a smaller one stays as it is.

    Parameters
    ----------
    source : Path
        A folder of PNG, TIFF, JPEG or BMP files (in natural order of their names), a .tif of
        several pages, or a file of an array, as `open_array` reads it.
    size_px : int
        Side of the pictures at working size.
    key : str
        Which array of the file.
    axes, shape, count
        Of pictures in an array, as `picture_stack` takes them.

    Raises
    ------
    UsageError
        No such folder or file, or an array that could be read in several ways.
    StimulusImageError
        Unreadable pictures, several in one file, transparency, sizes that differ, NaN or
        infinite values.
    """
    if is_folder_of_pictures(source):
        files, notes = picture_files(source)
        names, labels = [file.name for file in files], [str(file) for file in files]
        read = map(read_picture, files)
    else:
        stack = read_stack(source, key, axes=axes, shape=shape, count=count)
        notes = list(stack.notes)
        names = [str(i) for i in range(len(stack.pictures))]
        labels = [f"{source}, image {name}" for name in names]
        read = map(PictureFile, stack.pictures)
    signed = SignedBytes()
    found = list(_sized(read, labels, size_px, signed))
    sized = [picture.pixels for picture in found]
    refuse_other_sizes([picture.shape for picture in sized], labels)
    notes += _counted([picture.notes for picture in found], names)
    safe, exponent, scaled = in_safe_range(np.stack(sized))
    notes += [*scaled, *signed.notes]
    return StimulusPictures(safe, np.array(names), notes, exponent)


def _sized(
    pictures: Iterable[PictureFile], labels: Sequence[str], size_px: int, signed: SignedBytes
) -> Iterator[PictureFile]:
    """Each picture as luminance at working size, one after the other: they may be large."""
    for picture, label in zip(pictures, labels, strict=True):
        signed.see(picture.pixels)
        whole = luminance(picture.pixels, label)
        sized = to_working_size(whole, size_px)
        yield PictureFile(sized, (*picture.notes, *_resized(whole.shape, sized.shape)))


def _resized(before: tuple[int, ...], after: tuple[int, ...]) -> list[str]:
    steps = []
    if before[0] != before[1]:
        steps.append("cropped to their central square")
    if min(before) != min(after):
        steps.append(f"averaged to {after[0]} × {after[1]} pixels")
    return [" and ".join(steps)] if before != after else []


def _counted(notes: Sequence[Sequence[str]], names: Sequence[str]) -> list[str]:
    """What was done to pictures, with how many: ``12 of 40 pictures were …``."""
    having: dict[str, list[str]] = {}
    for name, each in zip(names, notes, strict=True):
        for note in each:
            having.setdefault(note, []).append(name)
    return [f"{len(found)} of {len(names)} pictures were {note}." for note, found in having.items()]


def to_working_size(picture: np.ndarray, size_px: int) -> np.ndarray:
    """The central square of `picture`, averaged over areas to `size_px` × `size_px`.

    A pixel of the result is the mean over the area it covers, parts of pixels counted by
    their share, so the mean of the square is kept. A picture whose short side is below
    `size_px` is returned as it is.
    """
    side = min(picture.shape)
    if side < size_px:
        return picture
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    square = picture[top : top + side, left : left + side]
    if side == size_px:
        return square
    weights = area_weights(side, size_px)
    return weights @ square @ weights.T


def area_weights(side: int, size: int) -> np.ndarray:
    """Share of each of `side` pixels in the mean of each of `size` bins, rows sum to 1."""
    edges = np.linspace(0, side, size + 1)
    pixel = np.arange(side)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return np.clip(overlap, 0, None) * size / side


def read_picture(path: Path) -> PictureFile:
    """One picture of a folder, as it is displayed; raises as `read_pictures`."""
    is_tiff = path.suffix.lower() in TIFF_SUFFIXES
    return read_tiff_picture(path) if is_tiff else read_raster(path)


def picture_size(path: Path) -> tuple[int, int]:
    """Height and width of a picture that `read_picture` would give, by its header."""
    return tiff_size(path) if path.suffix.lower() in TIFF_SUFFIXES else raster_size(path)


def is_folder_of_pictures(source: Path) -> bool:
    """Whether pictures are files of a folder; a zarr store is a folder, but one array."""
    return source.is_dir() and source.suffix.lower() != ".zarr"


def read_stack(
    source: Path,
    key: str,
    *,
    axes: str = "",
    shape: tuple[int, int] | None = None,
    count: int | None = None,
) -> PictureStack:
    """Pictures along the first axis of one array, and notes; raises as `read_pictures`."""
    if not source.exists():
        raise UsageError(f"{source}: there is no such file or folder of pictures.")
    if not source.is_file() and not source.is_dir():
        raise UsageError(f"{source} is a pipe, socket or device: expected a file of pictures.")
    if source.suffix.lower() in TIFF_SUFFIXES:
        pages, notes = read_tiff_stack(source)
        found = FoundArray(pages, ("image", "y", "x", "colour")[: pages.ndim], notes=tuple(notes))
    elif source.suffix.lower() in ARRAY_SUFFIXES:
        found = open_array(source, key, error=StimulusImageError)
    else:
        raise UsageError(
            f"{source}: expected a folder of pictures, or a stack ending in "
            f"{', '.join((*ARRAY_SUFFIXES, *TIFF_SUFFIXES))}."
        )
    return picture_stack(found, source, axes=axes, shape=shape, count=count)


def refuse_other_sizes(sizes: Sequence[tuple[int, ...]], labels: Sequence[str]) -> None:
    """All pictures must have the size, (height, width), that most of them have.

    Raises `StimulusImageError`, which names the first one with another size.
    """
    expected = max(sizes, key=sizes.count)
    for size, label in zip(sizes, labels, strict=True):
        if size != expected:
            raise StimulusImageError(
                f"{label}: expected {expected[0]} × {expected[1]} pixels (height × width) like "
                f"the other pictures, found {size[0]} × {size[1]}. Pictures below the working "
                "size must all have one size; resize this one."
            )

"""The pictures that were shown, as luminance at working size."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageOps

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.recording.array_file import open_array
from twophoton_decode.recording.arrays.found import FoundArray
from twophoton_decode.recording.arrays.names import SUFFIXES as ARRAY_SUFFIXES
from twophoton_decode.recording.arrays.picture_stack import PictureStack, picture_stack
from twophoton_decode.recording.levels.picture_values import in_safe_range, signed_bytes_note
from twophoton_decode.recording.natural_order import natural_order

TIFF_SUFFIXES = (".tif", ".tiff")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", *TIFF_SUFFIXES)
_TIFF_AXES = {"Y": "y", "X": "x", "S": "colour", "C": "colour"}
LUMA_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])


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
        A folder of PNG, TIFF or JPEG files (in natural order of their names), a .tif, or a
        file of an array, as `open_array` reads it.
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
        Unreadable pictures, sizes that differ, NaN or infinite values.
    """
    if source.is_dir() and source.suffix.lower() != ".zarr":
        files, notes = _picture_files(source)
        stored = [_read_picture(file) for file in files]
        names, labels = [file.name for file in files], [str(file) for file in files]
    else:
        stack = _read_stack(source, key, axes, shape, count)
        stored, notes = list(stack.pictures), list(stack.notes)
        names = [str(i) for i in range(len(stored))]
        labels = [f"{source}, image {name}" for name in names]
    pictures = [_luminance(pixels, label) for pixels, label in zip(stored, labels, strict=True)]
    for picture, label in zip(pictures, labels, strict=True):
        _refuse_unusable(picture, label)
    sized = [to_working_size(picture, size_px) for picture in pictures]
    _refuse_other_sizes(sized, labels)
    resized = sum(a.shape != b.shape for a, b in zip(sized, pictures, strict=True))
    if resized:
        notes.append(
            f"{resized} of {len(sized)} pictures were cropped to their central square and "
            f"averaged to {size_px} × {size_px} pixels."
        )
    safe, exponent, scaled = in_safe_range(np.stack(sized))
    notes += [*scaled, *signed_bytes_note(stored)]
    return StimulusPictures(safe, np.array(names), notes, exponent)


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
    weights = _area_weights(side, size_px)
    return weights @ square @ weights.T


def _area_weights(side: int, size: int) -> np.ndarray:
    """Share of each of `side` pixels in the mean of each of `size` bins, rows sum to 1."""
    edges = np.linspace(0, side, size + 1)
    pixel = np.arange(side)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return np.clip(overlap, 0, None) * size / side


def _picture_files(folder: Path) -> tuple[list[Path], list[str]]:
    """The pictures in `folder`, in natural order, and a note on what else lies there."""
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    files = sorted((p for p in visible if p.suffix.lower() in PICTURE_SUFFIXES), key=natural_order)
    if not files:
        raise StimulusImageError(
            f"{folder}: expected pictures ({', '.join(PICTURE_SUFFIXES)}), found none "
            f"among {len(visible)} entries."
        )
    others = len(visible) - len(files)
    return files, [f"{others} entries of {folder.name} are no pictures."] if others else []


def _read_picture(path: Path) -> np.ndarray:
    """The pixels as stored: grey (y, x), or colour (y, x, 3 or 4)."""
    try:
        if path.suffix.lower() in TIFF_SUFFIXES:
            return np.asarray(tifffile.imread(path))
        with Image.open(path) as file:
            upright = ImageOps.exif_transpose(file)
            if upright.mode in ("L", "I", "F") or upright.mode.startswith("I;16"):
                return np.asarray(upright)
            return np.asarray(upright.convert("RGBA" if _has_alpha(upright) else "RGB"))
    except (OSError, ValueError, SyntaxError) as failure:
        raise StimulusImageError(f"{path} cannot be read as a picture: {failure}") from failure


def _has_alpha(file: Image.Image) -> bool:
    return "A" in file.getbands() or "transparency" in file.info


def _read_stack(
    source: Path, key: str, axes: str, shape: tuple[int, int] | None, count: int | None
) -> PictureStack:
    """Pictures along the first axis of one array."""
    if not source.exists():
        raise UsageError(f"{source}: there is no such file or folder of pictures.")
    if source.suffix.lower() in TIFF_SUFFIXES:
        found = _read_tiff_stack(source)
    elif source.suffix.lower() in ARRAY_SUFFIXES:
        found = open_array(source, key, error=StimulusImageError)
    else:
        raise UsageError(
            f"{source}: expected a folder of pictures, or a stack ending in "
            f"{', '.join((*ARRAY_SUFFIXES, *TIFF_SUFFIXES))}."
        )
    return picture_stack(found, source, axes=axes, shape=shape, count=count)


def _read_tiff_stack(path: Path) -> FoundArray:
    """The pages of a TIFF, with the names that it gives its axes."""
    try:
        with tifffile.TiffFile(path) as file:
            if len(file.series) != 1:
                raise StimulusImageError(
                    f"{path} holds {len(file.series)} stacks of different sizes or kinds: save "
                    "each picture as a file of its own, in one folder."
                )
            series = file.series[0]
            axes = tuple(_TIFF_AXES.get(letter, "image") for letter in series.axes)
            return FoundArray(np.asarray(series.asarray()), axes=axes)
    except (OSError, ValueError, TypeError, LookupError, struct.error, MemoryError) as failure:
        raise StimulusImageError(f"{path} cannot be read as a picture: {failure}") from failure


def _luminance(picture: np.ndarray, label: str) -> np.ndarray:
    """One picture as float64 luminance, shape (y, x)."""
    if picture.dtype in (np.uint8, np.uint16):
        picture = picture / np.iinfo(picture.dtype).max
    picture = _colours_last(picture.astype(np.float64))
    if picture.ndim == 3 and picture.shape[-1] == 4 and np.ptp(picture[..., 3]) > 0:
        raise StimulusImageError(
            f"{label}: parts of the picture are transparent, so what was seen depends on the "
            "background. Save it without transparency."
        )
    if picture.ndim == 3 and picture.shape[-1] in (3, 4):
        return picture[..., :3] @ LUMA_WEIGHTS
    if picture.ndim == 2 and min(picture.shape) > 0:
        return picture
    raise StimulusImageError(
        f"{label}: expected one grey or RGB picture, found an array of shape {picture.shape}."
    )


def _colours_last(picture: np.ndarray) -> np.ndarray:
    """Of a picture stored colour by colour, as planar TIFFs are."""
    planar = picture.ndim == 3 and picture.shape[0] in (3, 4) and picture.shape[-1] not in (3, 4)
    return np.moveaxis(picture, 0, -1) if planar else picture


def _refuse_unusable(picture: np.ndarray, label: str) -> None:
    bad = ~np.isfinite(picture)
    if bad.any():
        y, x = np.argwhere(bad)[0]
        raise StimulusImageError(
            f"{label}: {bad.sum()} pixels are NaN or infinite, the first at row {y}, column {x}."
        )


def _refuse_other_sizes(pictures: list[np.ndarray], labels: list[str]) -> None:
    """All pictures must have the size that most of them have."""
    sizes = [picture.shape for picture in pictures]
    expected = max(sizes, key=sizes.count)
    for size, label in zip(sizes, labels, strict=True):
        if size != expected:
            raise StimulusImageError(
                f"{label}: expected {expected[0]} × {expected[1]} pixels (height × width) like "
                f"the other pictures, found {size[0]} × {size[1]}. Pictures below the working "
                "size must all have one size; resize this one."
            )

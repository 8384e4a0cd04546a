"""The pictures that were shown, as luminance at working size."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image, ImageOps

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.recording.array_file import SUFFIXES as ARRAY_SUFFIXES
from twophoton_decode.recording.array_file import read_array
from twophoton_decode.recording.levels.picture_values import in_safe_range, signed_bytes_note
from twophoton_decode.recording.natural_order import natural_order

TIFF_SUFFIXES = (".tif", ".tiff")
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", *TIFF_SUFFIXES)
_MOST_NAMED = 3
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
    source: Path, size_px: int, *, key: str = "", shape: tuple[int, int] | None = None
) -> StimulusPictures:
    """Pictures as luminance, centre-cropped to a square and area-averaged [ours].

    Luminance is the luma of sRGB, 0.2126 R + 0.7152 G + 0.0722 B on the values as they
    are stored; grey pictures keep theirs. A picture whose short side reaches `size_px` is
    cropped to its central square and averaged over areas; a smaller one stays as it is.

    Parameters
    ----------
    source : Path
        A folder of PNG, TIFF or JPEG files (in natural order of their names), or a stack
        with axes (image, y, x), (image, y, x, colour) or, with `shape`, (image, pixel):
        .npy, .npz, .mat, .h5 or .tif.
    size_px : int
        Side of the pictures at working size.
    key : str
        Which array of an .npz, .mat or .h5 file.
    shape : (height, width), optional
        Of flattened pictures, row by row.

    Raises
    ------
    UsageError
        No such folder or file, or flattened pictures without `shape`.
    StimulusImageError
        Unreadable pictures, sizes that differ, NaN or infinite values.
    """
    if source.is_dir():
        files, notes = picture_files(source)
        stored = [read_picture(file) for file in files]
        names, labels = [file.name for file in files], [str(file) for file in files]
    else:
        stored, notes = list(read_stack(source, key, shape)), []
        names = [str(i) for i in range(len(stored))]
        labels = [f"{source}, image {name}" for name in names]
    pictures = [luminance(pixels, label) for pixels, label in zip(stored, labels, strict=True)]
    sized = [to_working_size(picture, size_px) for picture in pictures]
    refuse_other_sizes([picture.shape for picture in sized], labels)
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


def picture_files(folder: Path) -> tuple[list[Path], list[str]]:
    """The pictures in `folder`, in natural order, and a note on what else lies there.

    Raises `StimulusImageError` where there is none.
    """
    visible = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    files = [path for path in visible if path.suffix.lower() in PICTURE_SUFFIXES]
    others = [path for path in visible if path.suffix.lower() not in PICTURE_SUFFIXES]
    if not files:
        named = f" ({_named(others)})" if others else ""
        raise StimulusImageError(
            f"{folder}: expected pictures ({', '.join(PICTURE_SUFFIXES)}), found none among "
            f"{len(others)} entries{named}. Name the folder in which the pictures themselves lie."
        )
    what = "1 entry that is no picture"
    if len(others) > 1:
        what = f"{len(others)} entries that are no pictures"
    notes = [f"Left out of {folder.name}: {what} ({_named(others)})."]
    return sorted(files, key=natural_order), notes if others else []


def _named(paths: Sequence[Path]) -> str:
    """The first few names, a slash behind those of folders."""
    names = [path.name + "/" * path.is_dir() for path in paths[:_MOST_NAMED]]
    return ", ".join(names) + (", …" if len(paths) > _MOST_NAMED else "")


def read_picture(path: Path) -> np.ndarray:
    """The pixels as stored: grey (y, x), or colour (y, x, 3 or 4).

    Raises `StimulusImageError` where the file cannot be read.
    """
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


def read_stack(source: Path, key: str, shape: tuple[int, int] | None) -> np.ndarray:
    """Pictures as stored along the first axis of one array; raises as `read_pictures`."""
    if not source.exists():
        raise UsageError(f"{source}: there is no such file or folder of pictures.")
    if source.suffix.lower() in TIFF_SUFFIXES:
        stack = read_picture(source)
        stack = stack[None] if stack.ndim == 2 else stack
    elif source.suffix.lower() in ARRAY_SUFFIXES:
        stack = read_array(source, key, error=StimulusImageError)
    else:
        raise UsageError(
            f"{source}: expected a folder of pictures, or a stack ending in "
            f"{', '.join((*ARRAY_SUFFIXES, *TIFF_SUFFIXES))}."
        )
    if stack.ndim == 2:
        return _unflattened(stack, source, shape)
    if stack.ndim not in (3, 4) or 0 in stack.shape:
        raise StimulusImageError(
            f"{source}: expected axes (image, y, x), found an array of shape {stack.shape}."
        )
    return stack


def _unflattened(stack: np.ndarray, source: Path, shape: tuple[int, int] | None) -> np.ndarray:
    """Pictures from rows of pixels."""
    images, pixels = stack.shape
    if shape is None:
        side = math.isqrt(pixels)
        guess = f"{side}x{side}" if side * side == pixels else "HEIGHTxWIDTH"
        raise UsageError(
            f"{source} holds {images} flattened pictures of {pixels} pixels: give their size, "
            f"such as --image-shape {guess}."
        )
    if shape[0] * shape[1] != pixels:
        raise UsageError(
            f"{source} holds {images} flattened pictures of {pixels} pixels, but an image shape "
            f"of {shape[0]}x{shape[1]} needs {shape[0] * shape[1]}."
        )
    return stack.reshape(images, *shape)


def luminance(picture: np.ndarray, label: str) -> np.ndarray:
    """One picture, as it is stored, as finite float64 luminance, shape (y, x).

    Raises `StimulusImageError`, which names `label`, where it is partly transparent, no
    single grey or RGB picture, or has pixels that are NaN or infinite.
    """
    if picture.dtype in (np.uint8, np.uint16):
        picture = picture / np.iinfo(picture.dtype).max
    picture = picture.astype(np.float64)
    if picture.ndim == 3 and picture.shape[-1] == 4 and np.ptp(picture[..., 3]) > 0:
        raise StimulusImageError(
            f"{label}: parts of the picture are transparent, so what was seen depends on the "
            "background. Save it without transparency."
        )
    if picture.ndim == 3 and picture.shape[-1] in (3, 4):
        picture = picture[..., :3] @ LUMA_WEIGHTS
    if picture.ndim != 2 or 0 in picture.shape:
        raise StimulusImageError(
            f"{label}: expected one grey or RGB picture, found an array of shape {picture.shape}."
        )
    _refuse_unusable(picture, label)
    return picture


def _refuse_unusable(picture: np.ndarray, label: str) -> None:
    bad = ~np.isfinite(picture)
    if bad.any():
        y, x = np.argwhere(bad)[0]
        raise StimulusImageError(
            f"{label}: {bad.sum()} pixels are NaN or infinite, the first at row {y}, column {x}."
        )


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

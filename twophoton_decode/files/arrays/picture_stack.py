"""Pictures in one array: which axis counts them, which run over rows, columns and colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import StimulusImageError, UsageError
from twophoton_decode.files.arrays.found import FoundArray, lengths

_LAYOUTS = {
    3: ("image y x", "y x image", "y x colour", "colour y x"),
    4: ("image y x colour", "image colour y x", "y x colour image"),
}
_COLOURS = (3, 4)
_SMALLEST_SIDE = 8
"""Pixels; one grey picture of three columns is none."""
_SYNONYMS = {
    "image": "image images picture pictures stimulus stimuli stim frame n",
    "y": "y row rows height lat",
    "x": "x column columns col cols width lon",
    "colour": "colour color colours colors channel channels rgb band c s",
}
_WORD = {name: word for word, names in _SYNONYMS.items() for name in names.split()}


@dataclass(frozen=True)
class PictureStack:
    """Pictures along the first axis, (image, y, x) or (image, y, x, colour), and notes."""

    pictures: np.ndarray
    notes: tuple[str, ...]


def picture_stack(
    found: FoundArray,
    source: Path,
    *,
    axes: str = "",
    shape: tuple[int, int] | None = None,
    count: int | None = None,
) -> PictureStack:
    """The pictures that an array holds.

    Parameters
    ----------
    found : FoundArray
    source : Path
        Named in messages.
    axes : str
        The axes in the order of the file: image, y, x, and colour where there is one. For
        flattened pictures, y before x says that pixels are laid out row by row, x before y
        column by column. Empty: from names in the file, else from lengths.
    shape : (height, width), optional
        Of flattened pictures.
    count : int, optional
        How many pictures there should be, where that is known.

    Raises
    ------
    UsageError
        The lengths allow several readings, or do not fit `axes` or `shape`.
    StimulusImageError
        No reading fits.
    """
    words = _parsed(axes) if axes else _named(found)
    if found.values.ndim == 2 and len(words) != 2:
        return _unflattened(found, source, words, shape, count)
    if words:
        return _turned(found.values, words, source, found.notes)
    values, squeezed = _without_single_axes(found.values)
    layout, guessed = _guessed(values, found, source, count)
    return _turned(values, layout, source, (*found.notes, *squeezed, *guessed))


def _parsed(axes: str) -> tuple[str, ...]:
    words = tuple(_WORD.get(word.lower(), "?") for word in axes.replace(",", " ").split())
    if "?" in words or len(set(words)) != len(words) or not {"y", "x"} <= set(words):
        raise UsageError(
            f'the image axes "{axes}" cannot be read: expected the words image, y, x, and colour '
            'where there is one, in the order of the file, such as "y x image".'
        )
    return words


def _named(found: FoundArray) -> tuple[str, ...]:
    """The axes as the file calls them; none where a name is not known."""
    words = tuple(_WORD.get(name.lower(), "?") for name in found.axes)
    known = "?" not in words and len(set(words)) == len(words) and {"y", "x"} <= set(words)
    return words if known else ()


def _turned(
    values: np.ndarray, words: Sequence[str], source: Path, notes: tuple[str, ...]
) -> PictureStack:
    """Axes brought to (image, y, x, colour); axes of one that no word names are left out."""
    named = len(words)
    single = [axis for axis, length in enumerate(values.shape) if length == 1]
    surplus = values.ndim - named
    if not 0 <= surplus <= len(single) or 0 in values.shape:
        raise UsageError(
            f"{source} holds an array of {lengths(values.shape)}, but the image axes "
            f'"{" ".join(words)}" are {named}.'
        )
    if surplus:
        notes = (*notes, _single_note(values.shape, surplus))
        values = np.squeeze(values, axis=tuple(single[:surplus]))
    order = [words.index(word) for word in ("image", "y", "x", "colour") if word in words]
    turned = values.transpose(order)
    return PictureStack(turned if "image" in words else turned[None], notes)


def _without_single_axes(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Without axes of length one beyond three, or beyond four where one is of colours."""
    before = values.shape
    while values.ndim > 3 and 1 in values.shape and not _has_colours(values):
        values = np.squeeze(values, axis=values.ndim - 1 - values.shape[::-1].index(1))
    dropped = len(before) - values.ndim
    return values, (_single_note(before, dropped),) if dropped else ()


def _single_note(shape: tuple[int, ...], dropped: int) -> str:
    what = "an axis of length 1 was" if dropped == 1 else f"{dropped} axes of length 1 were"
    return f"{what} left out of the pictures' array, {lengths(shape)}"


def _has_colours(values: np.ndarray) -> bool:
    return values.ndim == 4 and any(_fits(values.shape, each, None) for each in _LAYOUTS[4])


def _fits(shape: tuple[int, ...], layout: str, count: int | None) -> bool:
    size = dict(zip(layout.split(), shape, strict=True))
    side = min(size["y"], size["x"])
    colours_fit = "colour" not in size or (size["colour"] in _COLOURS and size["colour"] < side)
    return colours_fit and count in (None, size.get("image", 1))


def _guessed(
    values: np.ndarray, found: FoundArray, source: Path, count: int | None
) -> tuple[list[str], list[str]]:
    """The only reading that the lengths allow, with notes; who may read otherwise is asked."""
    if values.ndim not in _LAYOUTS or 0 in values.shape:
        raise StimulusImageError(
            f"{source}: expected axes (image, y, x), found an array of shape {found.values.shape}."
        )
    fitting = [each for each in _LAYOUTS[values.ndim] if _fits(values.shape, each, count)]
    if values.ndim == 3 and count is None:
        fitting = _plausible(values.shape, found.order != "given")
    fitting = fitting or [_LAYOUTS[values.ndim][0]]
    if len(fitting) > 1 and (found.order != "given" or count is None):
        raise UsageError(
            f"{source} holds an array of {lengths(values.shape)}, whose axes could be "
            f"{' or '.join(fitting)}. {_say_which(fitting[0])}"
        )
    return fitting[0].split(), _guess_notes(values.shape, fitting, found)


def _plausible(shape: tuple[int, ...], any_order: bool) -> list[str]:
    """Readings of three axes where nobody knows how many pictures there are.

    Two equal axes first, and another one behind them, look like square pictures along the
    last axis.
    """
    first, middle, last = shape
    if last == 1 < min(first, middle):
        return ["y x image"]
    if _fits(shape, "y x colour", None) and min(first, middle) >= _SMALLEST_SIDE:
        return ["y x colour"]
    if first == middle and (last != middle or any_order):
        return ["image y x", "y x image"]
    return ["image y x"]


def _guess_notes(shape: tuple[int, ...], fitting: list[str], found: FoundArray) -> list[str]:
    taken = fitting[0]
    notes = []
    if taken not in ("image y x", "image y x colour") or len(fitting) > 1:
        notes.append(
            f'the axes of the pictures, {lengths(shape)}, are taken as "{taken}". If they are '
            "others, set image_axes under [source]."
        )
    if found.order == "unmarked":
        turned = " ".join({"x": "y", "y": "x"}.get(word, word) for word in taken.split())
        notes.append(
            f'the pictures are taken as HDF5 stores them, "{taken}". MATLAB\'s h5write turns them '
            f'on their side: if it wrote this file, set image_axes = "{turned}" under [source].'
        )
    return notes


def _unflattened(
    found: FoundArray,
    source: Path,
    words: tuple[str, ...],
    shape: tuple[int, int] | None,
    count: int | None,
) -> PictureStack:
    """Pictures from rows, or columns, of pixels."""
    if shape is None:
        raise _shape_is_missing(found.values.shape, source)
    first = words.index("image") == 0 if "image" in words else None
    columns, turned = _in_columns(found, source, shape, count, first)
    rows = found.values.T if columns else found.values
    down = words and words.index("x") < words.index("y")
    if down:
        pictures = rows.reshape(len(rows), shape[1], shape[0]).transpose(0, 2, 1)
    else:
        pictures = rows.reshape(len(rows), *shape)
    notes = [*turned]
    if found.order != "given" and not words:
        axes = "x y image" if columns else "image x y"
        notes.append(
            "the pixels of flattened pictures are taken row by row. MATLAB lays them out column "
            f'by column: if it did here, set image_axes = "{axes}" under [source].'
        )
    return PictureStack(pictures, (*found.notes, *notes))


def _in_columns(
    found: FoundArray,
    source: Path,
    shape: tuple[int, int],
    count: int | None,
    first: bool | None,
) -> tuple[bool, list[str]]:
    """Whether each column is a picture instead of each row; `first` is what the user says."""
    pixels = shape[0] * shape[1]
    images_by = {False: found.values.shape[0], True: found.values.shape[1]}
    fitting = [
        columns
        for columns in (False, True)
        if images_by[not columns] == pixels and first in (None, not columns)
    ]
    if count is not None and len(fitting) > 1:
        fitting = [each for each in fitting if images_by[each] == count] or fitting
    if not fitting:
        raise UsageError(
            f"{source} holds {images_by[False]} flattened pictures of {images_by[True]} pixels, "
            f"but an image shape of {shape[0]}x{shape[1]} needs {pixels}."
        )
    if len(fitting) > 1 and found.order != "given":
        raise UsageError(
            f"{source} holds {lengths(found.values.shape)} values: each row or each column could "
            'be a picture, "image y x" for rows, "y x image" for columns. '
            f"{_say_which('image y x')}"
        )
    if first is None and (fitting[0] or len(fitting) > 1):
        what = "column" if fitting[0] else "row"
        return fitting[0], [f"each {what} of {lengths(found.values.shape)} is taken as a picture"]
    return fitting[0], []


def _shape_is_missing(shape: tuple[int, ...], source: Path) -> UsageError:
    images, pixels = shape
    side = math.isqrt(pixels)
    guess = f"{side}x{side}" if side * side == pixels else "HEIGHTxWIDTH"
    return UsageError(
        f"{source} holds {images} flattened pictures of {pixels} pixels: give their size, "
        f"such as --image-shape {guess}, or image_shape under [source] in session.toml."
    )


def _say_which(axes: str) -> str:
    """How each command, or the settings, are told the axes."""
    return (
        f'Say which: --image-axes "{axes}" (`tpdecode import arrays`), '
        f'--set source.image_axes="{axes}" (`tpdecode init`), or image_axes under [source] in '
        "session.toml."
    )

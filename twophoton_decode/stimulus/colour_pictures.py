"""The pictures that were shown, in colour, one at a time: what deep networks take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.stimulus.picture_files.folder import picture_files
from twophoton_decode.stimulus.picture_files.luminance import luminance
from twophoton_decode.stimulus.picture_files.pixels import without_alpha
from twophoton_decode.stimulus.pictures import (
    is_folder_of_pictures,
    read_picture,
    read_stack,
    to_working_size,
)

_COLOURS = 3
_DARKEST = 0.1
_KNOWN_RANGE = (np.uint8, np.uint16, np.bool_)


@dataclass(frozen=True, eq=False)
class ColourPictures:
    """Every picture of a source, in the order of `read_pictures`, read when it is needed.

    Attributes
    ----------
    name : ndarray of str, shape (image,)
    notes : list of str
        How values were brought to 0 … 1, what was left out.
    """

    name: np.ndarray
    notes: list[str]
    _pixels: Callable[[int], np.ndarray]
    _lowest: float = 0.0
    _highest: float = 1.0

    def __len__(self) -> int:
        return len(self.name)

    def read(self, index: int, size_px: int, *, grey: bool = False) -> np.ndarray:
        """One picture, (3, y, y) float32 from 0 to 1, sRGB as stored.

        Its central square, averaged over areas to `size_px`; a smaller one keeps its size.
        Grey pictures, and with `grey` all, have the same luma in every channel.

        Raises
        ------
        StimulusImageError
            As `read_pictures`.
        """
        label = f"picture {self.name[index]}"
        channels = _channels(self._pixels(index), label, grey)
        sized = np.stack([_square(to_working_size(each, size_px)) for each in channels])
        scaled = (sized - self._lowest) / (self._highest - self._lowest)
        return np.broadcast_to(scaled, (_COLOURS, *scaled.shape[1:])).astype(np.float32)


def open_colour_pictures(
    source: Path, *, key: str = "", axes: str = "", shape: tuple[int, int] | None = None
) -> ColourPictures:
    """Pictures of a folder or a stack; parameters and errors as for `read_pictures`.

    8- and 16-bit pictures span 0 to 1. Others keep their values where all lie between 0 and
    1, and some above 0.1; else the lowest and highest value of all pictures become 0 and 1
    [ours], which is said. Pictures that never pass 0.1 have a scale of their own: a network
    would be given black.
    """
    if is_folder_of_pictures(source):
        files, notes = picture_files(source)
        names = [file.name for file in files]

        first = read_picture(files[0]).pixels.dtype

        def pixels(index: int) -> np.ndarray:
            found = read_picture(files[index]).pixels
            _refuse_other_kind(found.dtype, files[index], first, files[0])
            return found

    else:
        stack = read_stack(source, key, axes=axes, shape=shape)
        notes = list(stack.notes)
        names = [str(place) for place in range(len(stack.pictures))]

        def pixels(index: int) -> np.ndarray:
            return np.asarray(stack.pictures[index])

    lowest, highest = _range(pixels, len(names), source)
    if (lowest, highest) != (0.0, 1.0):
        notes.append(
            f"{source.name}: values from {lowest:.4g} to {highest:.4g} are taken as black to white."
        )
    return ColourPictures(np.array(names), notes, pixels, lowest, highest)


def _refuse_other_kind(found: np.dtype, file: Path, first: np.dtype, first_file: Path) -> None:
    """`StimulusImageError` where one picture spans 0 to 1 by its type and the other does not."""
    if (found.type in _KNOWN_RANGE) != (first.type in _KNOWN_RANGE):
        raise StimulusImageError(
            f"{file.name} has values of the type {found}, {first_file.name} of {first}: what is "
            "black and white in both is not known. Store all pictures as one type."
        )


def _range(pixels: Callable[[int], np.ndarray], count: int, source: Path) -> tuple[float, float]:
    """The values that stand for black and white."""
    if pixels(0).dtype.type in _KNOWN_RANGE:
        return 0.0, 1.0
    lowest, highest = np.inf, -np.inf
    for index in range(count):
        for each in _channels(pixels(index), f"{source}, picture {index}", False):
            lowest, highest = min(lowest, each.min()), max(highest, each.max())
    if lowest == highest:
        raise StimulusImageError(f"{source}: every pixel of every picture has the value {lowest}.")
    if lowest >= 0 and _DARKEST < highest <= 1:
        return 0.0, 1.0
    return float(lowest), float(highest)


def _channels(pixels: np.ndarray, label: str, grey: bool) -> list[np.ndarray]:
    """One channel of a grey picture, three of one in colour, as `luminance` checks them."""
    is_rgba = pixels.ndim == _COLOURS and pixels.shape[-1] == _COLOURS + 1
    opaque = without_alpha(pixels, label) if is_rgba else pixels
    in_colour = opaque.ndim == _COLOURS and opaque.shape[-1] == _COLOURS
    if grey or not in_colour:
        return [luminance(opaque, label)]
    return [luminance(opaque[..., colour], label) for colour in range(_COLOURS)]


def _square(picture: np.ndarray) -> np.ndarray:
    """The central square of a picture that was too small to be averaged."""
    side = min(picture.shape)
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    return picture[top : top + side, left : left + side]

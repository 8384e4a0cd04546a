"""PNG, JPEG and BMP files as pixels: stored values, palettes resolved, never guessed colours.

No other format is tried, whatever the suffix says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import ExifTags, Image

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.files.damage.read_errors import readable
from twophoton_decode.stimulus.picture_files.pixels import (
    PictureFile,
    check_size,
    displayed,
    upright_size,
)

_SIGNATURE_BYTES, _FIELD_BYTES = 8, 4
_ANIMATION, _EXIF, _END = b"acTL", b"eXIf", b"IEND"
_FORMATS = ("PNG", "JPEG", "BMP")
_BYTES_EACH = 4
_OPAQUE_MODES = {"1": "L", "L": "L", "RGB": "RGB", "P": "RGB"}
_FIRST_TAKEN = "taken as the first of several images in their file"


def read_raster(path: Path) -> PictureFile:
    """One picture from a PNG, JPEG or BMP file.

    Raises
    ------
    StimulusImageError
        It is damaged or of another format, animated, transparent in parts, in colours for
        printing, or too large.
    """
    with _opened(path) as file:
        if file.format == "PNG":
            return _read_png(path)
        several = getattr(file, "n_frames", 1) > 1
        found = displayed(_decoded(path, file), _orientation(file), path)
    return PictureFile(found.pixels, (*found.notes, *([_FIRST_TAKEN] if several else [])))


def raster_size(path: Path) -> tuple[int, int]:
    """Height and width of the upright picture, without decoding it; raises as `read_raster`."""
    with _opened(path) as file:
        is_png = file.format == "PNG"
        lies = _png_orientation(path.read_bytes(), path) if is_png else _orientation(file)
        return upright_size(file.height, file.width, lies)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The file, whose size has been checked; only formats meant here are tried."""
    expected = "a picture (PNG, JPEG or BMP)"
    with (
        readable(path, expected, StimulusImageError, "Save it again as PNG."),
        _any_size(),
        Image.open(path, formats=_FORMATS) as file,
    ):
        check_size(path, file.height, file.width, _BYTES_EACH)
        yield file


def _orientation(file: Image.Image) -> object:
    return file.getexif().get(ExifTags.Base.Orientation)


@contextmanager
def _any_size() -> Iterator[None]:
    """Without Pillow's limit of 179 megapixels, which `check_size` takes the place of."""
    limit = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _decoded(path: Path, file: Image.Image) -> np.ndarray:
    if file.mode == "CMYK":
        raise StimulusImageError(
            f"{path} is in colours for printing (CMYK): what a screen shows depends on the "
            "program. Save it as RGB."
        )
    return np.asarray(file.convert(_OPAQUE_MODES.get(file.mode, "RGBA")))


def _read_png(path: Path) -> PictureFile:
    """The picture of a PNG, whose size has been checked.

    Decoded by libpng: it checks every checksum and keeps colour of 16 bits.

    Raises
    ------
    StimulusImageError
        It is animated, or transparent in parts.
    ValueError, imagecodecs.PngError
        It is damaged.
    """
    content = path.read_bytes()
    orientation = _png_orientation(content, path)
    return displayed(imagecodecs.png_decode(content), orientation, path)


def _png_orientation(content: bytes, path: Path) -> object:
    """How a PNG lies by its EXIF block; raises as `_read_png`, without decoding it."""
    blocks = _png_blocks(content)
    frames = int.from_bytes(blocks.get(_ANIMATION, b"")[:_FIELD_BYTES])
    if frames > 1:
        raise StimulusImageError(
            f"{path} is an animation of {frames} pictures: expected one. Save each as a file of "
            "its own."
        )
    exif = Image.Exif()
    exif.load(blocks.get(_EXIF, b""))
    return exif.get(ExifTags.Base.Orientation)


def _png_blocks(content: bytes) -> dict[bytes, bytes]:
    """The blocks by name, each within the file: libpng takes memory for what one claims."""
    blocks: dict[bytes, bytes] = {}
    place, name = _SIGNATURE_BYTES, b""
    while name != _END:
        start = place + 2 * _FIELD_BYTES
        length, name = int.from_bytes(content[place : start - 4]), content[start - 4 : start]
        place = start + length + _FIELD_BYTES
        if place > len(content):
            raise ValueError("a block is longer than the file")
        blocks[name] = content[start : start + length]
    return blocks

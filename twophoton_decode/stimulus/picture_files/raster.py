"""PNG, JPEG and BMP files as pixels: stored values, palettes resolved, never guessed colours.

No other format is tried, whatever the suffix says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
from twophoton_decode.stimulus.picture_files.png import png_orientation, read_png

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
            return read_png(path)
        several = getattr(file, "n_frames", 1) > 1
        found = displayed(_decoded(path, file), _orientation(file), path)
    return PictureFile(found.pixels, (*found.notes, *([_FIRST_TAKEN] if several else [])))


def raster_size(path: Path) -> tuple[int, int]:
    """Height and width of the upright picture, without decoding it; raises as `read_raster`."""
    with _opened(path) as file:
        is_png = file.format == "PNG"
        lies = png_orientation(path.read_bytes(), path) if is_png else _orientation(file)
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

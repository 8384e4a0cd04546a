"""PNG, JPEG and BMP files as pixels: stored values, palettes resolved, never guessed colours.

PNG is decoded by libpng, which checks the checksum of every block and keeps 16-bit colour; JPEG
and BMP by Pillow. No other format is tried, whatever the suffix says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import imagecodecs
import numpy as np
from PIL import ExifTags, Image

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.recording.picture_files.pixels import PictureFile, check_size, displayed
from twophoton_decode.recording.read_errors import readable

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
    expected = "a picture (PNG, JPEG or BMP)"
    with readable(path, expected, StimulusImageError, "Save it anew as PNG."):
        with _any_size(), Image.open(path, formats=_FORMATS) as file:
            check_size(path, file.height, file.width, _BYTES_EACH)
            _refuse_animation(path, file)
            orientation = file.getexif().get(ExifTags.Base.Orientation)
            is_png = file.format == "PNG"
            pixels = imagecodecs.png_decode(path.read_bytes()) if is_png else _decoded(path, file)
            several = getattr(file, "n_frames", 1) > 1
    found = displayed(pixels, orientation, path)
    return PictureFile(found.pixels, (*found.notes, *([_FIRST_TAKEN] if several else [])))


@contextmanager
def _any_size() -> Iterator[None]:
    """Without Pillow's limit of 179 megapixels, which `check_size` takes the place of."""
    limit = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _refuse_animation(path: Path, file: Image.Image) -> None:
    frames = getattr(file, "n_frames", 1)
    if file.format == "PNG" and frames > 1:
        raise StimulusImageError(
            f"{path} is an animation of {frames} pictures: expected one. Save each as a file of "
            "its own."
        )


def _decoded(path: Path, file: Image.Image) -> np.ndarray:
    if file.mode == "CMYK":
        raise StimulusImageError(
            f"{path} is in colours for printing (CMYK): what a screen shows depends on the "
            "program. Save it as RGB."
        )
    return np.asarray(file.convert(_OPAQUE_MODES.get(file.mode, "RGBA")))

"""PNG pictures, decoded by libpng: it checks every checksum and keeps colour of 16 bits."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
from PIL import ExifTags, Image

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.stimulus.picture_files.pixels import PictureFile, displayed

_SIGNATURE_BYTES, _FIELD_BYTES = 8, 4
_ANIMATION, _EXIF, _END = b"acTL", b"eXIf", b"IEND"


def read_png(path: Path) -> PictureFile:
    """The picture of a PNG, whose size has been checked.

    Raises
    ------
    StimulusImageError
        It is animated, or transparent in parts.
    ValueError, imagecodecs.PngError
        It is damaged.
    """
    content = path.read_bytes()
    orientation = png_orientation(content, path)
    return displayed(imagecodecs.png_decode(content), orientation, path)


def png_orientation(content: bytes, path: Path) -> object:
    """How a PNG lies by its EXIF block; raises as `read_png`, without decoding it."""
    blocks = _blocks(content)
    frames = int.from_bytes(blocks.get(_ANIMATION, b"")[:_FIELD_BYTES])
    if frames > 1:
        raise StimulusImageError(
            f"{path} is an animation of {frames} pictures: expected one. Save each as a file of "
            "its own."
        )
    exif = Image.Exif()
    exif.load(blocks.get(_EXIF, b""))
    return exif.get(ExifTags.Base.Orientation)


def _blocks(content: bytes) -> dict[bytes, bytes]:
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

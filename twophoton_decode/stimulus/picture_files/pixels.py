"""Pixels as they are displayed: opaque, upright, and within the size that is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.files.damage.read_errors import check_claim

MOST_PIXELS = 2**29
"""A picture of 23 000 × 23 000; in colour its luminance takes about 6 GB for a moment."""

TURNED = "turned upright by the orientation in the file"
_ON_ITS_SIDE = (5, 6, 7, 8)
_UPRIGHT: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: np.rot90(pixels, 1),
}
"""What puts a picture upright, by the orientation in EXIF or TIFF."""


@dataclass(frozen=True)
class PictureFile:
    """One picture: grey (y, x) or colour (y, x, 3); `notes` say what was done to it."""

    pixels: np.ndarray
    notes: tuple[str, ...] = ()


def check_size(path: Path, height: int, width: int, bytes_each: int) -> None:
    """That a picture is not larger than is read, and not larger than its file can hold."""
    what = f"{height} × {width} pixels"
    if height * width > MOST_PIXELS:
        raise StimulusImageError(
            f"{path} has {what}; at most {MOST_PIXELS / 1e6:.0f} megapixels are read. Save it "
            "smaller."
        )
    check_claim(path, height * width * bytes_each, what, StimulusImageError)


def upright_size(height: int, width: int, orientation: object) -> tuple[int, int]:
    """Height and width once the picture is upright."""
    return (width, height) if orientation in _ON_ITS_SIDE else (height, width)


def displayed(pixels: np.ndarray, orientation: object, path: Path) -> PictureFile:
    """The picture without its opaque alpha channel, and upright."""
    opaque = without_alpha(pixels, path)
    turn = _UPRIGHT.get(orientation) if isinstance(orientation, int) else None
    return PictureFile(turn(opaque), (TURNED,)) if turn else PictureFile(opaque)


def without_alpha(pixels: np.ndarray, label: object) -> np.ndarray:
    """Grey or colour without the alpha channel behind it, which must be opaque everywhere."""
    if pixels.ndim != 3 or pixels.shape[-1] not in (2, 4):
        return pixels
    alpha = pixels[..., -1]
    opaque = np.iinfo(alpha.dtype).max if alpha.dtype.kind in "ui" else alpha.max(initial=1)
    if (alpha != opaque).any():
        raise StimulusImageError(
            f"{label}: parts of the picture are transparent, so what was seen depends on the "
            "background. Save it without transparency."
        )
    return pixels[..., 0] if pixels.shape[-1] == 2 else pixels[..., :3]

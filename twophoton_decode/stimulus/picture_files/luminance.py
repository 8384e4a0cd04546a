"""Luminance of a picture: the luma of sRGB, on values as they are stored."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.stimulus.picture_files.pixels import without_alpha
from twophoton_decode.words import counted_are

LUMA_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])
_BLOCK_PIXELS = 2**22
_COLOURS = 3


def luminance(picture: np.ndarray, label: str) -> np.ndarray:
    """One grey, RGB or opaque RGBA picture as float64 luminance, shape (y, x).

    8- and 16-bit whole numbers become 0 to 1. No gamma is undone [ours]: stored values are
    roughly perceived lightness, and stay what they are.

    Raises
    ------
    StimulusImageError
        It is no such picture, complex, transparent in parts, or has pixels that are NaN or
        infinite.
    """
    is_rgba = picture.ndim == 3 and picture.shape[-1] == _COLOURS + 1
    opaque = without_alpha(picture, label) if is_rgba else picture
    is_grey = opaque.ndim == 2
    is_colour = opaque.ndim == 3 and opaque.shape[-1] == _COLOURS
    if opaque.dtype.kind not in "biuf":
        raise StimulusImageError(
            f"{label}: expected real numbers, found pixels of the type {opaque.dtype}."
        )
    if not (is_grey or is_colour) or 0 in opaque.shape:
        raise StimulusImageError(
            f"{label}: expected one grey or RGB picture, found an array of shape {picture.shape}."
        )
    found = _unit(opaque) if is_grey else _luma(opaque)
    _refuse_unusable(found, label)
    return found


def _luma(colour: np.ndarray) -> np.ndarray:
    """Some rows at a time: a large picture in colour would take 24 bytes a pixel."""
    luma = np.empty(colour.shape[:2])
    rows = max(1, _BLOCK_PIXELS // colour.shape[1])
    for start in range(0, len(colour), rows):
        luma[start : start + rows] = _unit(colour[start : start + rows]) @ LUMA_WEIGHTS
    return luma


def _unit(values: np.ndarray) -> np.ndarray:
    if values.dtype in (np.uint8, np.uint16):
        return values / np.iinfo(values.dtype).max
    return values.astype(np.float64)


def _refuse_unusable(picture: np.ndarray, label: str) -> None:
    bad = ~np.isfinite(picture)
    if bad.any():
        y, x = np.argwhere(bad)[0]
        raise StimulusImageError(
            f"{label}: {counted_are(bad.sum(), 'pixel')} NaN or infinite, the first at row {y}, "
            f"column {x}."
        )

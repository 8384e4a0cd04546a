"""Pictures of one session as a strip: shown above, reconstructed below, the best first."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from twophoton_decode.figures.canvas.numbers import counted, number
from twophoton_decode.records import Reconstruction
from twophoton_decode.report.data.decoders import contrast
from twophoton_decode.report.data.selection import evenly

PICTURES: Final = 8
_LARGEST_SIDE: Final = 96
_GAP: Final = 2


@dataclass(frozen=True)
class Thumbnails:
    """A strip as a PNG, and what it shows in words."""

    source: str
    width: int
    height: int
    words: str


def thumbnails(made: Reconstruction) -> Thumbnails:
    """Pictures from the best to the worst reconstructed, above what was made of them.

    Reconstructions are means over trials, drawn as m + g(ŝ − m) with one g for the session, on
    the greys of its pictures.
    """
    known = np.flatnonzero(np.isfinite(made.r_average))
    images = known[evenly(made.r_average[known], PICTURES)]
    images = images[np.argsort(-made.r_average[images], kind="stable")]
    mean = made.mean_picture[made.fold[images]]
    drawn = mean + contrast(made) * (made.average[images] - mean)
    rows = [_row(made.picture[images]), _row(drawn)]
    low, high = float(made.picture.min()), float(made.picture.max())
    grey = np.clip((np.concatenate(rows) - low) / (high - low or 1.0), 0, 1)
    opaque = np.isfinite(grey)
    levels = np.round(255 * np.nan_to_num(grey)).astype(np.uint8)
    picture = np.stack([levels, np.where(opaque, 255, 0).astype(np.uint8)], axis=2)
    height, width = levels.shape
    stream = io.BytesIO()
    Image.fromarray(picture, "LA").save(stream, "PNG", optimize=True)
    source = f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"
    words = (
        f"{counted(len(images), 'picture')} shown, above what {made.decoder} made of them: R from "
        f"{number(made.r_average[images[0]])} to {number(made.r_average[images[-1]])}"
    )
    return Thumbnails(source, width, height, words)


def _row(pictures: np.ndarray) -> np.ndarray:
    """Pictures (images, y, x) side by side, with NaN between and below them."""
    coarse = -(-max(pictures.shape[1:]) // _LARGEST_SIDE)
    small = pictures[:, ::coarse, ::coarse].astype(float)
    padded = np.pad(small, ((0, 0), (0, _GAP), (0, _GAP)), constant_values=np.nan)
    return np.concatenate(list(padded), axis=1)

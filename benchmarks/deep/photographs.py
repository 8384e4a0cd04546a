"""The 1000 photographs of the shared data, as networks and simulated cells take them."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from twophoton_decode.stimulus.colour_pictures import ColourPictures

DATA = Path(
    os.environ.get("TPDECODE_REAL_DATA", Path(__file__).parents[2] / ".." / "shared" / "data")
)


def photographs(count: int) -> ColourPictures:
    """The first `count` of them, 128 px, in colour."""
    with np.load(DATA / "pictures" / "pictures1000_128_jpeg.npz", allow_pickle=False) as held:
        jpeg, offset = held["jpeg"], held["offset"]

    def pixels(index: int) -> np.ndarray:
        coded = jpeg[offset[index] : offset[index + 1]].tobytes()
        return np.asarray(Image.open(io.BytesIO(coded)).convert("RGB"))

    return ColourPictures(np.arange(count).astype(str), [], pixels)


def luminance_at(pictures: ColourPictures, side: int) -> np.ndarray:
    """Luma at `side` px, 0 to 1, (pictures, side, side)."""
    every = [pictures.read(index, side, grey=True)[0] for index in range(len(pictures))]
    return np.stack(every).astype(float)

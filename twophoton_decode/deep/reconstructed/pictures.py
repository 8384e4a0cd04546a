"""Pictures of records, as networks take pictures."""

from __future__ import annotations

import numpy as np

from twophoton_decode.stimulus.colour_pictures import ColourPictures
from twophoton_decode.stimulus.enlarging import enlarged


def grey_pictures(
    name: np.ndarray, picture: np.ndarray, scale: tuple[float, float]
) -> ColourPictures:
    """Pictures (image, y, x) from black to white of `scale`, cut there, as networks read them.

    Those that are not square are stretched to their longer side, so that nothing is cropped.
    """
    low, high = scale
    side = max(picture.shape[1:])

    def pixels(index: int) -> np.ndarray:
        grey = np.clip((picture[index] - low) / ((high - low) or 1.0), 0.0, 1.0)
        return enlarged(grey.astype(np.float32), side)

    return ColourPictures(name, [], pixels)

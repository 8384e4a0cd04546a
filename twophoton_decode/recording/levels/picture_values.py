"""Values of pictures that are not what was shown, or too large or small for single precision."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.recording.levels.magnitude import LARGEST, divided, safe_exponent

SAFE = (1e-12, 1e12)
"""Squares of these are safe in single precision."""


def in_safe_range(pictures: np.ndarray) -> tuple[np.ndarray, int, list[str]]:
    """Pictures as float32, divided by a power of ten where their values are extreme.

    Parameters
    ----------
    pictures : ndarray of float64, shape (image, y, x)

    Returns
    -------
    pictures, exponent, notes
        The values by 10 to the exponent, which is 0 where their size is safe already.

    Raises
    ------
    StimulusImageError
        A picture so much brighter than the others that no scale serves both.
    """
    largest = np.abs(pictures).max(axis=(1, 2))
    exponent = safe_exponent(largest, SAFE)
    scaled = divided(pictures, exponent)
    if np.abs(scaled).max() > LARGEST:
        raise StimulusImageError(
            f"picture {largest.argmax()} reaches {largest.max():.3g}, the median picture "
            f"{np.median(largest):.3g}: no computation can hold both. Is it damaged?"
        )
    note = f"pictures reach {largest.max():.3g}, so their values are kept divided by 1e{exponent}."
    return scaled.astype(np.float32), exponent, [note] if exponent else []


def signed_bytes_note(stored: list[np.ndarray]) -> list[str]:
    """Whether pictures look like bytes that were read with a sign: 200 becomes -56.

    Parameters
    ----------
    stored : list of ndarray
        Pixels as the files hold them.
    """
    negative = [
        place
        for place, pixels in enumerate(stored)
        if pixels.size and -128 <= pixels.min() < 0 and pixels.max() <= 127
        and (pixels.dtype == np.int8 or (pixels == np.round(pixels)).all())
    ]  # fmt: skip
    reaches = any(stored[place].min() < -100 for place in negative)
    if not negative or not (reaches or stored[negative[0]].dtype == np.int8):
        return []
    return [
        f"{len(negative)} of {len(stored)} pictures hold whole numbers from -128 to 127, the first "
        f"being picture {negative[0]}. If they were bytes from 0 to 255, saved with a sign, every "
        "value above 127 is now 256 too low: save them as uint8."
    ]

"""Values of pictures that are not what was shown, or too large or small for single precision."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.errors import StimulusImageError
from twophoton_decode.files.magnitude import LARGEST, divided, safe_exponent

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
    note = f"pictures reach {largest.max():.3g}, so their values are divided by 1e{exponent}."
    return scaled.astype(np.float32), exponent, [note] if exponent else []


@dataclass
class SignedBytes:
    """Whether pictures look like bytes that were read with a sign, learned while they go by.

    A byte of 200 becomes -56 then.
    """

    pictures: int = 0
    _negative: list[int] = field(default_factory=list)
    _likely: bool = False

    def see(self, pixels: np.ndarray) -> None:
        """Take in the next picture's pixels as the file holds them."""
        place, self.pictures = self.pictures, self.pictures + 1
        if pixels.dtype.kind not in "if" or not pixels.size:
            return
        lowest, highest = pixels.min(), pixels.max()
        if not (-128 <= lowest < 0 and highest <= 127):
            return
        if pixels.dtype == np.int8 or bool((pixels == np.round(pixels)).all()):
            self._negative.append(place)
            self._likely = self._likely or bool(lowest < -100) or pixels.dtype == np.int8

    @property
    def notes(self) -> list[str]:
        """That it looks so, in words."""
        if not self._negative or not self._likely:
            return []
        return [
            f"{len(self._negative)} of {self.pictures} pictures hold whole numbers from -128 to "
            f"127, the first being picture {self._negative[0]}. If they were bytes from 0 to 255, "
            "saved with a sign, every value above 127 is now 256 too low: save them as uint8."
        ]

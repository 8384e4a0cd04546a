"""Which crops of restored frames people are shown, in which order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from twophoton_decode.records.deep.restoration import Restoration

CROP_PX: Final = 64
MOST_PLACES: Final = 8
"""Places of a frame that are shown."""
BLIND: Final = ("moving average", "restored")
"""What is counted in, without being told apart."""
_CODE_BYTES = 4


@dataclass(frozen=True)
class Crop:
    """One crop to count in.

    Attributes
    ----------
    code : str
        What the page calls it; says nothing.
    method : str
        Moving average or restored; not on the page.
    frame : int
        Place among the frames of the record.
    top, left, height, width : int
        Px.
    """

    code: str
    method: str
    frame: int
    top: int
    left: int
    height: int
    width: int

    @property
    def place(self) -> tuple[int, int, int]:
        """What both methods are counted at."""
        return self.frame, self.top, self.left

    def of(self, picture: np.ndarray) -> np.ndarray:
        """The crop of a picture (y, x)."""
        return picture[self.top : self.top + self.height, self.left : self.left + self.width]


def page_code(found: Restoration) -> str:
    """The code of the record's page, by what it shows."""
    digest = hashlib.blake2b(digest_size=8)
    for values in (found.shown, found.mean_frame):
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def crops_of(found: Restoration) -> list[Crop]:
    """Evenly spaced crops of every shown frame by both methods, in random order.

    Order and codes follow from the record, so that its answers can be read without a further file.
    """
    rng = np.random.default_rng(list(bytes.fromhex(page_code(found))))
    height, width = found.mean_frame.shape
    tall, wide = min(CROP_PX, height), min(CROP_PX, width)
    places = [
        (top, left)
        for top in range(0, height - tall + 1, tall)
        for left in range(0, width - wide + 1, wide)
    ]
    chosen = np.unique(np.linspace(0, len(places) - 1, MOST_PLACES).astype(int)).tolist()
    wanted = [
        (method, frame, *places[place])
        for method in BLIND
        for frame in range(len(found.shown_frame))
        for place in chosen
    ]
    codes = _codes(len(wanted), rng)
    order = rng.permutation(len(wanted)).tolist()
    return [
        Crop(code, method, frame, top, left, tall, wide)
        for code, (method, frame, top, left) in zip(
            codes, (wanted[place] for place in order), strict=True
        )
    ]


def _codes(count: int, rng: np.random.Generator) -> list[str]:
    """Different words of random digits."""
    made: dict[str, None] = {}
    while len(made) < count:
        made[rng.bytes(_CODE_BYTES).hex()] = None
    return list(made)

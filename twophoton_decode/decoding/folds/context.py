"""What a decoder may know of a session beyond responses and features."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ArgumentError
from twophoton_decode.settings import DeepSettings
from twophoton_decode.stimulus.enlarging import enlarged

COLOURS = 3
ReadPicture = Callable[[str, int], np.ndarray]
"""From an image's name and a side in pixels to (3, y, x) from 0 to 1, no larger than that."""


@dataclass(frozen=True, eq=False)
class FinerPictures:
    """The session's pictures at the side that a network takes, found by their features.

    A decoder looks up those that it is trained on; the others are none of its business.

    Attributes
    ----------
    side : int
    features : ndarray, shape (images, features)
        By which a picture is found.
    notes : tuple of str
        How they were made, where that must be known.
    """

    side: int
    features: np.ndarray
    notes: tuple[str, ...]
    _read: Callable[[int], np.ndarray]

    def image(self, Y: np.ndarray) -> np.ndarray:
        """Which picture each row of Y (rows, features) is of, (rows,).

        Raises
        ------
        ArgumentError
            A row is not the features of any picture.
        """
        try:
            return np.array([self._place[row.tobytes()] for row in np.ascontiguousarray(Y)])
        except KeyError:
            raise ArgumentError(
                "a decoder looked for a finer picture of features that no picture of the session "
                "has. Give it the features that it is fitted to, unchanged."
            ) from None

    def picture(self, image: int) -> np.ndarray:
        """One picture, (3, side, side) float32 from 0 to 1."""
        return enlarged(self._read(image), self.side).astype(np.float32, copy=False)

    def of(self, Y: np.ndarray) -> np.ndarray:
        """The picture of every row of Y (rows, features), (rows, 3, side, side)."""
        return np.stack([self.picture(each) for each in self.image(Y)])

    @cached_property
    def _place(self) -> dict[bytes, int]:
        rows = np.ascontiguousarray(self.features)
        return {row.tobytes(): place for place, row in enumerate(rows)}


@dataclass(frozen=True, eq=False)
class SessionContext:
    """What `MadeForSession` decoders are given.

    Attributes
    ----------
    deep : DeepSettings
        Networks, sizes, device, steps.
    weights : Path or None
        File or folder of weights to look into first.
    population : ndarray of str, shape (cells,), or None
        The population of each cell; empty for those of none.
    read : callable or None
        Gives pictures of the source; None: the session's own, which are small, stand for them.
    checkpoints : Path or None
        Folder for what decoders that train for long have learned so far.
    """

    deep: DeepSettings = field(default_factory=DeepSettings)
    weights: Path | None = None
    population: np.ndarray | None = None
    read: ReadPicture | None = None
    checkpoints: Path | None = None
    _name: np.ndarray = field(default_factory=lambda: np.empty(0, str))
    _picture: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 0)))
    _features: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    def about(self, name: np.ndarray, picture: np.ndarray, features: np.ndarray) -> SessionContext:
        """The same, told the different images: names (n,), pictures (n, y, x), features (n, m)."""
        return replace(self, _name=name, _picture=picture, _features=features)

    def finer(self, side: int) -> FinerPictures:
        """The pictures at (3, side, side).

        From the source where pictures are square. Else, or without a source, those of the
        session's own size: from its darkest to its brightest pixel, enlarged, and stretched
        where they are not square.
        """
        height, width = self._picture.shape[1:]
        if self.read is not None and height == width:
            read = self.read
            return FinerPictures(
                side, self._features, (), lambda image: read(str(self._name[image]), side)
            )
        note = f"pictures of {height} × {width} px are enlarged to {side} × {side} px."
        return FinerPictures(side, self._features, (note,), self._own)

    def _own(self, image: int) -> np.ndarray:
        low, high = self._picture.min(), self._picture.max()
        grey = (self._picture[image] - low) / (high - low or 1.0)
        return np.broadcast_to(grey.astype(np.float32), (COLOURS, *grey.shape))


NO_SESSION = SessionContext()
"""Where only responses are at hand: defaults, nothing kept, no finer pictures."""

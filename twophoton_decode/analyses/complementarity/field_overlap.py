"""Which receptive fields overlap, and which pixels they cover."""

from __future__ import annotations

import copy

import numpy as np

from twophoton_decode.records import Encoding


class FieldDiscs:
    """Every receptive field as a disc with its centre and area [ours]; cells without: none."""

    def __init__(self, encoding: Encoding) -> None:
        self.has_field = encoding.has_field & np.isfinite(encoding.area)
        self.centre = np.stack([encoding.centre_y, encoding.centre_x], axis=1)
        self.radius = np.sqrt(encoding.area / np.pi)
        self.shape = encoding.receptive_field.shape[1:]

    def exchanged(self, rng: np.random.Generator) -> FieldDiscs:
        """The same discs, dealt out anew among the cells that have one."""
        moved = copy.copy(self)
        have = np.flatnonzero(self.has_field)
        place = np.arange(len(self.radius))
        place[have] = rng.permutation(have)
        moved.centre, moved.radius = self.centre[place], self.radius[place]
        return moved

    def region(self, cell: int) -> np.ndarray:
        """Flat indices of the pixels in the cell's disc, at least of the one at its centre."""
        rows, columns = np.mgrid[: self.shape[0], : self.shape[1]]
        y, x = self.centre[cell]
        distance = np.hypot(rows - y, columns - x).ravel()
        return np.flatnonzero(distance <= max(self.radius[cell], distance.min()))

    def overlapping(self, cell: int) -> np.ndarray:
        """Other cells whose disc overlaps the cell's: nearer than the sum of the radii."""
        return np.flatnonzero(self.has_field & ~self._apart(cell) & self._others(cell))

    def distant(self, cell: int) -> np.ndarray:
        """Other cells with a field whose disc does not overlap the cell's."""
        return np.flatnonzero(self.has_field & self._apart(cell) & self._others(cell))

    def _apart(self, cell: int) -> np.ndarray:
        distance = np.hypot(*(self.centre - self.centre[cell]).T)
        return np.asarray(distance >= self.radius + self.radius[cell])

    def _others(self, cell: int) -> np.ndarray:
        return np.arange(len(self.radius)) != cell

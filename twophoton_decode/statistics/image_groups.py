"""Presentations put together by the image they showed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ImageGroups:
    """An order of the presentations in which those of one image stand together.

    Attributes
    ----------
    order : ndarray of int, shape (presentation,)
        Presentations sorted by image; "ordered" arrays below are in this order.
    of_row : ndarray of int, shape (presentation,)
        The group of each ordered presentation.
    start, count : ndarray of int, shape (group,)
        First ordered presentation and number of presentations of each group.
    """

    order: np.ndarray
    of_row: np.ndarray
    start: np.ndarray
    count: np.ndarray

    @classmethod
    def of(cls, image: np.ndarray) -> ImageGroups:
        """One group for each image that occurs in `image`, by rising index."""
        order = np.argsort(image, kind="stable")
        _, start, of_row, count = np.unique(
            image[order], return_index=True, return_inverse=True, return_counts=True
        )
        return cls(order, of_row, start, count)

    def sums(self, ordered: np.ndarray) -> np.ndarray:
        """Sums over each group's rows, shape (group, …)."""
        return np.add.reduceat(ordered, self.start, axis=0)

    def means(self, ordered: np.ndarray) -> np.ndarray:
        """Means over each group's rows, shape (group, cell)."""
        return self.sums(ordered) / self.count[:, None]

    def deviations(self, ordered: np.ndarray) -> np.ndarray:
        """Each row minus the mean of its group."""
        return ordered - self.means(ordered)[self.of_row]

    def rotated(self, ordered: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Each column's rows moved on within each group, by a number of rows of its own.

        So columns keep what they hold for a group, but lose what they share row by row.
        """
        return self.moved(ordered, self.moves(ordered.shape[1], rng))

    def moves(self, columns: int, rng: np.random.Generator) -> np.ndarray:
        """By how many rows `rotated` moves each group's columns, shape (group, column)."""
        return np.stack([rng.integers(count, size=columns) for count in self.count])

    def moved(self, ordered: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Each column's rows moved on within each group by its number of `moves`."""
        rotated = np.empty_like(ordered)
        columns = np.arange(ordered.shape[1])
        for start, count, by in zip(self.start, self.count, moves, strict=True):
            rows = ordered[start : start + count]
            twice = np.concatenate([rows, rows]).ravel()
            first = by * columns.size + columns
            for row in range(count):
                rotated[start + row] = twice[first + row * columns.size]
        return rotated

"""Where imported cells lie: columns of a table with a row for each cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.formats.matrices.label_file import read_labels

POSITION = ("x_um", "y_um", "z_um")
MOST_DEPTHS = 50
"""Of more different depths, cells do not lie in planes."""


def read_positions(path: Path) -> np.ndarray:
    """x, y and depth of each cell, µm, (cell, 3), from the columns of `POSITION`.

    Raises
    ------
    UsageError
        No such file or column.
    ResponseError
        A position that is no number.
    """
    columns = [read_labels(path, name) for name in POSITION]
    try:
        found = np.stack([column.astype(float) for column in columns], axis=1)
    except ValueError as error:
        raise ResponseError(
            f"{path}: expected numbers in the columns {', '.join(POSITION)} ({error})."
        ) from error
    if not np.isfinite(found).all():
        row = int(np.argmin(np.isfinite(found).all(axis=1)))
        raise ResponseError(
            f"{path}, row {row + 1}: expected a position in µm, found {found[row]}."
        )
    return found


def places_of(position: np.ndarray) -> np.ndarray:
    """Plane, y and x of each cell, (cell, 3), in px of 1 µm: each depth is a plane.

    Cells at more than 50 depths are taken as one plane.
    """
    depth, plane = np.unique(position[:, 2], return_inverse=True)
    if depth.size > MOST_DEPTHS:
        plane = np.zeros(len(position), dtype=plane.dtype)
    return np.stack([plane, position[:, 1], position[:, 0]], axis=1)

"""What users hand in, checked: errors say what was expected and what was found."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.errors import ArgumentError


def picture_rows(name: str, values: Any) -> np.ndarray:
    """Pictures (n, y, x), or rows of pixels (n, pixels), as float64 rows of pixels.

    Raises
    ------
    UsageError
        They have other axes, or values that are NaN or infinite.
    """
    rows = np.asarray(values, dtype=float)
    if rows.ndim not in (2, 3):
        raise ArgumentError(
            f"{name} must be pictures (n, y, x) or rows of pixels (n, pixels), found the shape "
            f"{rows.shape}. A single picture is picture[None]."
        )
    if not np.isfinite(rows).all():
        count = int(np.count_nonzero(~np.isfinite(rows)))
        raise ArgumentError(f"{count} of the {rows.size} values of {name} are NaN or infinite.")
    return rows.reshape(len(rows), -1)

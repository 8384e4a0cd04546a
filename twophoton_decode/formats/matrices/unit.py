"""The unit in which imported responses are kept: a power of ten where theirs is extreme."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.files.magnitude import LARGEST, divided, safe_exponent


def in_safe_unit(response: np.ndarray, path: Path) -> tuple[np.ndarray, int, list[str]]:
    """Responses divided by a power of ten where they would over- or underflow if squared.

    Parameters
    ----------
    response : ndarray, shape (presentation, cell)

    Returns
    -------
    response, exponent, notes
        The responses by 10 to the exponent, which is 0 where their size is safe already.

    Raises
    ------
    ResponseError
        A cell so much larger than the others that no unit serves both.
    """
    largest = np.abs(response).max(axis=0)
    exponent = safe_exponent(largest)
    scaled = divided(response, exponent)
    if np.abs(scaled).max() > LARGEST:
        cell = int(largest.argmax())
        raise ResponseError(
            f"{path}: cell {cell} reaches {largest[cell]:.3g}, the median cell "
            f"{np.median(largest):.3g}: no computation can hold both. Leave the cell out, or write "
            "NaN where there is no value."
        )
    if exponent == 0:
        return scaled, 0, []
    return (
        scaled,
        exponent,
        [
            f"responses reach {largest.max():.3g}, so they are stored in units of 1e{exponent}; "
            "relative measures do not change."
        ],
    )

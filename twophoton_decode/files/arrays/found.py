"""One array as a file holds it: its values, what its axes are called, who says their order."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from twophoton_decode.errors import ResponseError

Order = Literal["given", "matlab", "unmarked"]


@dataclass(frozen=True)
class FoundArray:
    """One array of a file.

    Attributes
    ----------
    values : ndarray
        Numbers or truth values; texts only where they were asked for.
    axes : tuple of str
        What the file calls the axes; empty where it says nothing.
    order : str
        "given" where the order of the axes is the file's own, "matlab" for MATLAB's,
        "unmarked" for HDF5 that does not say whether MATLAB reversed the axes.
    notes : tuple of str
        What was filled in, converted or taken for something else; parts of sentences that
        do not name the array.
    """

    values: np.ndarray
    axes: tuple[str, ...] = ()
    order: Order = "given"
    notes: tuple[str, ...] = ()


def stacked(items: list[np.ndarray], shape: tuple[int, ...], what: str) -> np.ndarray:
    """Equal arrays from the cells of `what`, along new first axes; one where all cells lie in line.

    `items` come in MATLAB's order, the first index running fastest.

    Raises
    ------
    ResponseError
        There is no cell, or the cells hold arrays of different shapes.
    """
    if not items:
        raise ResponseError(f"{what} is an empty cell array.")
    for number, item in enumerate(items):
        if item.shape != items[0].shape:
            raise ResponseError(
                f"{what}: cell {number + 1} holds {lengths(item.shape)} numbers, but cell 1 "
                f"{lengths(items[0].shape)}. Only cells of one size can be stacked."
            )
    line = np.stack(items)
    in_line = sum(length > 1 for length in shape) <= 1
    return line if in_line else line.reshape(*shape, *items[0].shape, order="F")


def stacking_note(cells: int) -> str:
    """What is said where cells became an array."""
    return f"its {cells} cells were stacked along the first axis"


def lengths(shape: tuple[int, ...]) -> str:
    """``"6 × 40 × 100"``."""
    return " × ".join(map(str, shape)) or "1"


def what_of(path: Path, key: str) -> str:
    """How an array is named in messages."""
    return f"{path}={key}" if key else str(path)

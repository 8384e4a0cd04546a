"""Responses in sixteen bits that rank the cells of every presentation as before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.analyses.cell_count.order import falling

_LARGEST = 32767
MOST_CELLS = _LARGEST // 2
"""As many are told apart in order by sixteen bits."""
_LEAST_STEPS = 8192
_STEPS_OF_A_CELL = 8


@dataclass(frozen=True)
class OrderlyCodes:
    """Whole numbers that stand for responses.

    Attributes
    ----------
    code : ndarray of int16, shape (presentations, cells)
        No two of a presentation are equal, so that sorting needs no rule for ties.
    scale : ndarray of float32, shape (presentations,)
        The response is ``scale * code * abs(code)``.
    """

    code: np.ndarray
    scale: np.ndarray

    def values(self) -> np.ndarray:
        """The responses that the codes stand for, shape (presentations, cells), float32."""
        code = self.code.astype(np.float32)
        return np.asarray(code * np.abs(code) * self.scale[:, None], np.float32)


def orderly_codes(response: np.ndarray) -> OrderlyCodes:
    """Codes that fall strictly in the order of the responses, equal ones in that of the cells.

    Rounding alone would exchange cells of nearly equal responses, and with them whole
    reverse filters in the pictures of few cells. Where codes meet, they are spread, half up and
    half down; there are several steps for every cell. Codes are of the square root: steps are
    fine near zero, where the noise of most cells would crowd them.

    Parameters
    ----------
    response : ndarray, shape (presentations, cells)

    Raises
    ------
    ValueError
        There are too many cells for sixteen bits.
    """
    cells = response.shape[1]
    if cells > MOST_CELLS:
        raise ValueError(f"{cells} cells; the order of {MOST_CELLS} fits into 16 bits")
    steps = min(max(_LEAST_STEPS, _STEPS_OF_A_CELL * cells), _LARGEST - cells)
    largest = np.abs(response).max(axis=1, initial=0.0)
    scale = np.where(largest > 0, largest, 1.0) / steps**2
    order = falling(response)
    ranked = np.take_along_axis(response, order, axis=1) / scale[:, None]
    ranked = np.round(np.sign(ranked) * np.sqrt(np.abs(ranked)))
    level = ranked + np.arange(cells)
    down = np.minimum.accumulate(level, axis=1)
    up = np.maximum.accumulate(level[:, ::-1], axis=1)[:, ::-1]
    # Both fall by a step at least from cell to cell, and so does half of their sum.
    spread = np.floor((down + up) / 2) - np.arange(cells)
    code = np.empty(response.shape, np.int16)
    np.put_along_axis(code, order, spread.astype(np.int16), axis=1)
    return OrderlyCodes(code, scale.astype(np.float32))

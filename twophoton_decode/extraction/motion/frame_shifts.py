"""How far whole frames are shifted against a reference, by phase correlation, as in suite2p."""

from __future__ import annotations

import numpy as np

from twophoton_decode.extraction.motion.phase_correlation import (
    TAPER_PX,
    border_taper,
    largest_shift,
    pieces,
    template,
)
from twophoton_decode.kernels.motion.lanes import LANES
from twophoton_decode.kernels.motion.phase import correlation_windows
from twophoton_decode.kernels.threads import in_threads

WIDEST = np.iinfo(np.int16)


class WholeFrames:
    """Shifts of whole frames, to the pixel.

    Parameters
    ----------
    reference : ndarray, shape (y, x)
    low, high : int
        Frames are clipped to these levels.
    """

    def __init__(self, reference: np.ndarray, low: int = WIDEST.min, high: int = WIDEST.max):
        weight = border_taper(TAPER_PX, reference.shape)
        self._template = template(reference[None], weight[None], low, high)

    def shifts(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Shift of each frame (n, y, x), int16, along y and x, px, and its correlation."""
        found = in_threads(lambda piece: self._of_piece(frames[piece]), pieces(len(frames)))
        dy, dx, correlation = (np.concatenate(part) for part in zip(*found, strict=True))
        return dy, dx, correlation

    def _of_piece(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        count, shape = len(frames), frames.shape[1:]
        limit = largest_shift(shape)
        side = 2 * limit + 1
        window = np.empty((1, count, side, side), np.float32)
        corner = np.zeros(1, np.int64)
        flat = np.append(frames.ravel(), np.zeros(LANES, np.int16))
        correlation_windows(flat, count, shape, corner, self._template, limit, window)
        place = window.reshape(count, -1).argmax(axis=1)
        y, x = np.divmod(place, side)
        return y - limit, x - limit, window[0, np.arange(count), y, x]

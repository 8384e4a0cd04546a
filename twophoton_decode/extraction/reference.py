"""The reference image that motion is corrected against."""

from __future__ import annotations

import numpy as np

from twophoton_decode.extraction.phase_correlation import pieces
from twophoton_decode.extraction.whole_frames import WholeFrames
from twophoton_decode.kernels.sharing import in_threads
from twophoton_decode.kernels.warping import roll_frames

REFERENCE_FRAMES = 400
"""Frames that the reference is made from, spread evenly over the movie."""
REFERENCE_ROUNDS = 8
SEED_FRAMES = 20
SEED_COLUMNS = 2**16
"""Pixels that are compared at a time to find the first image."""


def reference_frames(frames: int) -> np.ndarray:
    """Which of a movie's `frames` frames the reference is made from."""
    return np.linspace(0, frames, 1 + min(REFERENCE_FRAMES, frames), dtype=int)[:-1]


def reference_image(frames: np.ndarray) -> np.ndarray:
    """An image without motion blur, from frames aligned to their own mean, again and again.

    Starts from the frame that is most like 20 others; each round aligns whole frames to
    the last image and averages more of the best ones, up to half.

    Parameters
    ----------
    frames : ndarray of int16, shape (n, y, x)

    Returns
    -------
    ndarray of int16, shape (y, x)
    """
    image = _seed(frames)
    # Frames are rolled around their borders, so the rolls of all rounds add up to one.
    dy, dx = np.zeros((2, len(frames)), np.int64)
    for step in range(1, REFERENCE_ROUNDS + 1):
        further_y, further_x, correlation = _further_shifts(frames, dy, dx, image)
        dy, dx = dy + further_y, dx + further_x
        best = np.argsort(-correlation, kind="stable")[: _rounds_share(len(frames), step)]
        middle = np.rint([further_y[best].mean(), further_x[best].mean()]).astype(int)
        image = np.roll(_mean(frames, dy, dx, best), middle, axis=(0, 1)).astype(np.int16)
    return image


def _further_shifts(
    frames: np.ndarray, dy: np.ndarray, dx: np.ndarray, image: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shifts along y and x, and correlation, of frames already rolled back by (dy, dx)."""
    whole = WholeFrames(image)

    def of_piece(piece: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return whole.shifts(_rolled(frames[piece], dy[piece], dx[piece]))

    found = in_threads(of_piece, pieces(len(frames)))
    further_y, further_x, correlation = (np.concatenate(part) for part in zip(*found, strict=True))
    return further_y, further_x, correlation


def _rolled(frames: np.ndarray, dy: np.ndarray, dx: np.ndarray) -> np.ndarray:
    rolled = np.empty(frames.shape, np.int16)
    roll_frames(frames, dy, dx, rolled.reshape(-1))
    return rolled


def _mean(frames: np.ndarray, dy: np.ndarray, dx: np.ndarray, best: np.ndarray) -> np.ndarray:
    """The mean of the frames `best`, rolled back."""
    total = np.zeros(frames.shape[1:], np.int64)
    for piece in pieces(len(best)):
        chosen = best[piece]
        total += _rolled(frames[chosen], dy[chosen], dx[chosen]).sum(axis=0, dtype=np.int64)
    return total / len(best)


def _seed(frames: np.ndarray) -> np.ndarray:
    """The mean of the frames most like the one that is most like 20 others."""
    rows = frames.reshape(len(frames), -1)
    middle = rows.mean(axis=1, dtype=np.float64).astype(np.float32)[:, None]
    product = np.zeros((len(rows), len(rows)))
    for start in range(0, rows.shape[1], SEED_COLUMNS):
        part = rows[:, start : start + SEED_COLUMNS] - middle
        product += part @ part.T
    norm = np.sqrt(np.diag(product))
    alike = product / np.outer(norm, norm)
    best = np.sort(alike, axis=1)[:, ::-1][:, 1:SEED_FRAMES].mean(axis=1).argmax()
    nearest = np.argsort(-alike[best], kind="stable")[:SEED_FRAMES]
    # Not of the rows: minus their mean, bright pixels of a wide movie would wrap in 16 bits.
    return frames[nearest].mean(axis=0).astype(np.int16)


def _rounds_share(frames: int, step: int) -> int:
    return max(2, int(frames * step / (2 * REFERENCE_ROUNDS)))

"""The reference image that motion is corrected against."""

from __future__ import annotations

import numpy as np

from twophoton_decode.extraction.motion.frame_shifts import WholeFrames
from twophoton_decode.extraction.motion.phase_correlation import pieces
from twophoton_decode.kernels.motion.warping import roll_frames
from twophoton_decode.kernels.threads import in_threads

REFERENCE_FRAMES = 400
"""Frames that the reference is made from, spread evenly over the movie."""
REFERENCE_ROUNDS = 8
SEED_FRAMES = 20
SEED_PIXELS = 2**16
"""Pixels of all frames that are compared at a time to find the frames to start from."""
BATCH = 100
"""Frames that suite2p aligns at once while it makes a reference."""


def reference_frames(frames: int) -> np.ndarray:
    """Which of a movie's `frames` frames the reference is made from."""
    return np.linspace(0, frames, 1 + min(REFERENCE_FRAMES, frames), dtype=int)[:-1]


def reference_image(frames: np.ndarray, batch: int = BATCH) -> np.ndarray:
    """An image without motion blur, from frames aligned to their own mean, again and again.

    Starts from the frames that are most like one another; each round aligns whole frames
    to the last image and averages more of the best ones, up to half. As suite2p 1.1 does
    it, to the bit: its rounds judge only the last `batch` of frames, and average as many
    from the start of the movie (docs/decisions/0081).

    Parameters
    ----------
    frames : ndarray of int16, shape (n, y, x)

    Returns
    -------
    ndarray of int16, shape (y, x)
    """
    image = _seed(frames)
    judged = len(frames) - (len(frames) - 1) // batch * batch
    # Of the frames between the two ends nothing is used.
    ends = frames
    if len(frames) > batch + judged:
        ends = np.concatenate([frames[:batch], frames[-judged:]])
    # Frames are rolled around their borders, so the rolls of all rounds add up to one.
    dy, dx = np.zeros((2, len(ends)), np.int64)
    for step in range(1, REFERENCE_ROUNDS + 1):
        further_y, further_x, correlation = _further_shifts(ends, dy, dx, image)
        dy, dx = dy + further_y, dx + further_x
        share = max(2, int(len(frames) * step / (2 * REFERENCE_ROUNDS)))
        best = np.argsort(-correlation[-judged:], kind="stable")[:share]
        moved = [shift[-judged:][best].mean() for shift in (further_y, further_x)]
        middle = np.rint(moved).astype(int)
        image = np.roll(_mean(ends[best], dy[best], dx[best]), middle, axis=(0, 1))
        image = image.astype(np.int16)
    return image


def _further_shifts(
    frames: np.ndarray, dy: np.ndarray, dx: np.ndarray, image: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shifts along y and x, and correlation, of frames that are rolled back by (dy, dx) first."""
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


def _mean(frames: np.ndarray, dy: np.ndarray, dx: np.ndarray) -> np.ndarray:
    """The mean of frames that are rolled back by (dy, dx) first."""
    total = np.zeros(frames.shape[1:], np.int64)
    for piece in pieces(len(frames)):
        total += _rolled(frames[piece], dy[piece], dx[piece]).sum(axis=0, dtype=np.int64)
    return total / len(frames)


def _seed(frames: np.ndarray) -> np.ndarray:
    """The mean, less its own mean, of the frames most like the one that is most like 20 others."""
    rows = frames.reshape(len(frames), -1)
    middle = np.array([row.astype(np.float32).mean() for row in rows])[:, None]
    product = np.zeros((len(rows), len(rows)))
    for start in range(0, rows.shape[1], SEED_PIXELS):
        part = rows[:, start : start + SEED_PIXELS] - middle
        product += part @ part.T
    norm = np.sqrt(np.diag(product))
    alike = product / np.outer(norm, norm)
    best = np.sort(alike, axis=1)[:, ::-1][:, 1:SEED_FRAMES].mean(axis=1).argmax()
    nearest = np.argsort(-alike[best], kind="stable")[:SEED_FRAMES]
    # Whole levels, as suite2p has them, but in float: bright pixels of a wide movie would wrap.
    mean = (rows[nearest] - middle[nearest]).mean(axis=0, dtype=np.float64)
    return np.trunc(mean).reshape(frames.shape[1:])

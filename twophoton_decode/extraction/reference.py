"""The reference image that motion is corrected against."""

from __future__ import annotations

import numpy as np

from twophoton_decode.extraction.phase_correlation import WholeFrames, at_once
from twophoton_decode.kernels.motion import roll_frames

REFERENCE_FRAMES = 400
"""Frames that the reference is made from, spread evenly over the movie."""
REFERENCE_ROUNDS = 8
SEED_FRAMES = 20


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
    # Two buffers that take turns; the caller's frames stay as they are.
    frames = np.array(frames, order="C")
    rolled = np.empty_like(frames)
    chunk = at_once(frames.shape[1:])
    for step in range(1, REFERENCE_ROUNDS + 1):
        whole = WholeFrames(image)
        found = [whole.shifts(frames[at : at + chunk]) for at in range(0, len(frames), chunk)]
        dy, dx, correlation = (np.concatenate(part) for part in zip(*found, strict=True))
        roll_frames(frames, dy, dx, rolled)
        frames, rolled = rolled, frames
        best = np.argsort(-correlation, kind="stable")[: _rounds_share(len(frames), step)]
        middle = np.rint([dy[best].mean(), dx[best].mean()]).astype(int)
        image = np.roll(frames[best].mean(axis=0, dtype=np.float64), middle, axis=(0, 1))
        image = image.astype(np.int16)
    return image


def _seed(frames: np.ndarray) -> np.ndarray:
    """The mean of the frames most like the one that is most like 20 others."""
    rows = frames.reshape(len(frames), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    product = rows @ rows.T
    norm = np.sqrt(np.diag(product))
    alike = product / np.outer(norm, norm)
    best = np.sort(alike, axis=1)[:, ::-1][:, 1:SEED_FRAMES].mean(axis=1).argmax()
    nearest = np.argsort(-alike[best], kind="stable")[:SEED_FRAMES]
    # Not of the rows: minus their mean, bright pixels of a wide movie would wrap in 16 bits.
    return frames[nearest].mean(axis=0).astype(np.int16)


def _rounds_share(frames: int, step: int) -> int:
    return max(2, int(frames * step / (2 * REFERENCE_ROUNDS)))

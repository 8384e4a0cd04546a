"""The reference image that motion is corrected against."""

from __future__ import annotations

import numpy as np

from twophoton_decode.extraction.phase_correlation import WholeFrames, at_once
from twophoton_decode.kernels.motion import roll_frames

REFERENCE_FRAMES = 400
"""Frames that the reference is made from, spread evenly over the movie."""
REFERENCE_ROUNDS = 8
SEED_FRAMES = 20
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
    ends = frames if len(frames) <= batch + judged else _ends(frames, batch, judged)
    # Two buffers that take turns; the caller's frames stay as they are.
    ends = np.array(ends, order="C")
    rolled = np.empty_like(ends)
    chunk = at_once(frames.shape[1:])
    for step in range(1, REFERENCE_ROUNDS + 1):
        whole = WholeFrames(image)
        found = [whole.shifts(ends[at : at + chunk]) for at in range(0, len(ends), chunk)]
        dy, dx, correlation = (np.concatenate(part) for part in zip(*found, strict=True))
        roll_frames(ends, dy, dx, rolled)
        ends, rolled = rolled, ends
        share = max(2, int(len(frames) * step / (2 * REFERENCE_ROUNDS)))
        best = np.argsort(-correlation[-judged:], kind="stable")[:share]
        moved = [shift[-judged:][best].mean() for shift in (dy, dx)]
        middle = np.rint(moved).astype(int)
        image = np.roll(ends[best].mean(axis=0, dtype=np.float64), middle, axis=(0, 1))
        image = image.astype(np.int16)
    return image


def _ends(frames: np.ndarray, first: int, last: int) -> np.ndarray:
    return np.concatenate([frames[:first], frames[-last:]])


def _seed(frames: np.ndarray) -> np.ndarray:
    """The mean, less its own mean, of the frames most like the one that is most like 20 others."""
    rows = frames.reshape(len(frames), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    product = rows @ rows.T
    norm = np.sqrt(np.diag(product))
    alike = product / np.outer(norm, norm)
    best = np.sort(alike, axis=1)[:, ::-1][:, 1:SEED_FRAMES].mean(axis=1).argmax()
    nearest = np.argsort(-alike[best], kind="stable")[:SEED_FRAMES]
    # Whole levels, as suite2p has them, but in float: bright pixels of a wide movie would wrap.
    return np.trunc(rows[nearest].mean(axis=0, dtype=np.float64)).reshape(frames.shape[1:])

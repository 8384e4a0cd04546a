"""How near decoded clips come to those that were shown, as a picture and in their motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SCORES = ("video_r", "frame_r", "motion_r", "energy_r", "identification")
"""In the order of the arrays below."""
OF_A_PAIR = SCORES[:-1]
"""What one decoded and one true clip have; identification needs the others of the fold."""
BLOCK_PX = 4
"""Side of the squares over which motion energy is averaged [ours]."""
LITTLE = 1e-6
"""Below this share of its norm, what a clip has about its mean is rounding."""


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of one clip (frames, pixels), some of which were shown, and what counts as none.

    Attributes
    ----------
    made, true : ndarray, shape (frames, pixels)
        Decoded and shown, for the frames that count.
    mean : ndarray, shape (pixels,)
        The mean training frame.
    successive : ndarray of bool, shape (frames - 1,)
        Whether the next one of the frames that count was the next of the clip.
    shape : (int, int)
    """

    made: np.ndarray
    true: np.ndarray
    mean: np.ndarray
    successive: np.ndarray
    shape: tuple[int, int]


def pair_scores(frames: Frames) -> np.ndarray:
    """The scores of `OF_A_PAIR`, (4,).

    - video_r: r over all pixels and frames, the mean training frame subtracted from both [Bauer
      et al. 2026];
    - frame_r: r over the pixels of each frame, the same subtracted, mean over frames;
    - motion_r: r over all pixels and frames, from both their own mean over time subtracted, so
      that a still picture scores 0 [ours];
    - energy_r: r of motion energy, the absolute change from frame to frame averaged over squares
      of 4 px, over all squares and steps [ours].

    A decoded clip without what is compared (one that does not move) scores 0; a shown one has NaN.
    """
    made, true = frames.made - frames.mean, frames.true - frames.mean
    return np.array(
        [
            correlation(made.ravel(), true.ravel()),
            _frame_r(made, true),
            correlation(_moving(frames.made).ravel(), _moving(frames.true).ravel(), centred=False),
            correlation(_energy(frames.made, frames), _energy(frames.true, frames)),
        ]
    )


def correlation(made: np.ndarray, true: np.ndarray, *, centred: bool = True) -> float:
    """Pearson's r of two rows; 0 where `made` is constant, NaN where `true` is."""
    if centred:
        made, true = made - made.mean(), true - true.mean()
    size = np.linalg.norm(made), np.linalg.norm(true)
    if not size[1] > 0:
        return float("nan")
    return float(made @ true / (size[0] * size[1])) if size[0] > 0 else 0.0


def _frame_r(made: np.ndarray, true: np.ndarray) -> float:
    a, b = (each - each.mean(axis=1, keepdims=True) for each in (made, true))
    size = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    known = np.linalg.norm(b, axis=1) > 0
    if not known.any():
        return float("nan")
    r = np.divide((a * b).sum(axis=1), size, out=np.zeros(len(a)), where=size > 0)
    return float(r[known].mean())


def _moving(video: np.ndarray) -> np.ndarray:
    """Frames less their mean over time; zero where only rounding is left."""
    moving = video - video.mean(axis=0)
    still = float(np.linalg.norm(moving)) <= LITTLE * float(np.linalg.norm(video))
    return np.zeros_like(moving) if still else moving


def _energy(video: np.ndarray, frames: Frames) -> np.ndarray:
    """Absolute change from frame to frame, averaged over squares, (steps × squares,)."""
    change = np.abs(np.diff(_moving(video), axis=0))[frames.successive]
    side = [max(1, length // BLOCK_PX) * min(length, BLOCK_PX) for length in frames.shape]
    block = [min(length, BLOCK_PX) for length in frames.shape]
    maps = change.reshape(-1, *frames.shape)[:, : side[0], : side[1]]
    parts = (len(maps), side[0] // block[0], block[0], side[1] // block[1], block[1])
    return np.asarray(maps.reshape(parts).mean(axis=(2, 4)).ravel())


def identification(own: float, others: np.ndarray) -> float:
    """Share of other clips that a decoded clip resembles less than its own, ties half.

    Chance is 0.5; NaN where there is no other.
    """
    others = others[np.isfinite(others)]
    if not others.size or not np.isfinite(own):
        return float("nan")
    return float(np.mean(own > others) + np.mean(own == others) / 2)

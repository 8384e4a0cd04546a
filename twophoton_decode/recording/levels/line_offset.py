"""How far every second line lies beside the others, where lines are scanned both ways.

A mirror that is read out a little too early or too late shifts the lines of its way back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FARTHEST = 10
"""Offsets are looked for from minus so many px to plus so many, as suite2p does."""
_SHIFTS = range(-FARTHEST, FARTHEST + 1)
_SURE = 5.0
_FEWEST_GROUPS = 10
_GROUP_FRAMES = 4


@dataclass
class LineOffset:
    """The offset of a movie, learned while frames of it go by.

    Each odd line (1, 3, …, counted from 0) is moved along itself by every offset and compared
    with the mean of the even lines above and below it: the offset is where the mean squared
    difference over all lines is smallest [ours]. suite2p takes the highest phase correlation
    with the line above; weighing all frequencies alike, that finds noise and the edges of the
    field of view in dim or sparse movies, and structures that lie aslant shift it.

    Nothing but a sure offset counts: frames are taken in groups, and over these the gain on
    no offset must exceed `_SURE` standard errors of its mean [ours].
    """

    differences: list[np.ndarray] = field(default_factory=list)

    def see(self, frames: np.ndarray) -> None:
        """Take in frames, (frames, height, width); those with pixels that are no numbers not."""
        height, width = frames.shape[1:]
        if height < 3 or width <= 4 * FARTHEST:
            return
        self.differences += [_differences(frame) for frame in frames if np.isfinite(frame).all()]

    @property
    def offset_px(self) -> int:
        """How far odd lines must move right to lie in line, px; suite2p's `bidiphase`.

        0 where nothing else is sure, where there were fewer than 40 frames, and in frames
        that are too small.
        """
        groups = len(self.differences) // _GROUP_FRAMES
        if groups < _FEWEST_GROUPS:
            return 0
        difference = np.array(self.differences[: groups * _GROUP_FRAMES])
        difference = difference.reshape(groups, _GROUP_FRAMES, -1).mean(axis=1)
        best = int(np.argmin(difference.mean(axis=0)))
        gain = difference[:, FARTHEST] - difference[:, best]
        error = gain.std(ddof=1) / np.sqrt(groups)
        return best - FARTHEST if gain.mean() > _SURE * error else 0


def _differences(frame: np.ndarray) -> np.ndarray:
    """Mean squared difference between odd lines, moved right, and even ones, by offset."""
    pixels = frame.astype(np.float32)
    odd, even = pixels[1::2], pixels[::2]
    pairs = len(even) - 1
    between = (even[:-1] + even[1:]) / 2
    between -= between.mean()
    odd = odd[:pairs] - odd[:pairs].mean()
    inner = between[:, FARTHEST:-FARTHEST].copy()
    width = inner.shape[1]
    start = [FARTHEST - shift for shift in _SHIFTS]
    return np.array([np.square(inner - odd[:, at : at + width]).mean() for at in start])


def shift_lines(frames: np.ndarray, offset_px: int) -> np.ndarray:
    """`frames` (frames, height, width) with odd lines moved right by `offset_px`; a copy.

    As suite2p does it: pixels at the edge that none moves to keep their values.
    """
    if not offset_px:
        return frames
    shifted = frames.copy()
    if offset_px > 0:
        shifted[:, 1::2, offset_px:] = frames[:, 1::2, :-offset_px]
    else:
        shifted[:, 1::2, :offset_px] = frames[:, 1::2, -offset_px:]
    return shifted

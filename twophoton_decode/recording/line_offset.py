"""How far every second line lies beside the others, where lines are scanned both ways.

A mirror that is read out a little too early or too late shifts the lines of its way back.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import scipy.fft

FARTHEST = 10
"""Offsets are looked for from minus so many px to plus so many, as suite2p does."""
_SURE = 6.0
_FEWEST_GROUPS = 8
_GROUP_FRAMES = 4
_TINY = 1e-5


@dataclass
class LineOffset:
    """The offset of a movie whose frames go by, by phase correlation along lines.

    Each odd line (1, 3, …, counted from 0) is correlated with the even ones above and below
    it, every frequency counting the same [suite2p, which takes the one above]; with both,
    structures that lie aslant cancel [ours]. The correlations are averaged over lines and
    frames, and the offset is where they are highest, unless by chance: frames are taken in
    groups, and over these the correlation there must exceed the one at 0 by `_SURE` standard
    errors [ours].
    """

    groups: list[np.ndarray] = field(default_factory=list)
    _rest: list[np.ndarray] = field(default_factory=list)

    def see(self, frames: np.ndarray) -> None:
        """Take in frames, (frames, height, width); those with pixels that are no numbers not."""
        height, width = frames.shape[1:]
        if height < 3 or width <= 2 * FARTHEST:
            return
        for frame in frames:
            if np.isfinite(frame).all():
                self._rest.append(_correlation(frame))
        while len(self._rest) >= _GROUP_FRAMES:
            self.groups.append(np.mean(self._rest[:_GROUP_FRAMES], axis=0))
            del self._rest[:_GROUP_FRAMES]

    @property
    def offset_px(self) -> int:
        """How far odd lines must move right to lie in line, px; suite2p's `bidiphase`.

        0 where nothing else is sure, and where there were too few frames.
        """
        if len(self.groups) < _FEWEST_GROUPS:
            return 0
        correlation = np.array(self.groups)
        best = int(np.argmax(correlation.mean(axis=0)))
        gain = correlation[:, best] - correlation[:, FARTHEST]
        error = gain.std(ddof=1) / np.sqrt(len(gain))
        return best - FARTHEST if gain.mean() > _SURE * error else 0


def _correlation(frame: np.ndarray) -> np.ndarray:
    """Correlation of odd lines, moved right by -FARTHEST to FARTHEST px, with even ones."""
    spectrum = scipy.fft.rfft(frame.astype(np.float32), axis=1)
    spectrum /= np.abs(spectrum) + np.float32(_TINY)
    # What all pixels of a line have in common says nothing about its place.
    spectrum[:, 0] = 0
    odd, even = spectrum[1::2], spectrum[::2]
    above, below = even[: len(odd)], even[1:]
    product = (odd.conj() * above).sum(axis=0) + (odd[: len(below)].conj() * below).sum(axis=0)
    correlation: np.ndarray = scipy.fft.irfft(product, n=frame.shape[1])
    return np.roll(correlation, FARTHEST)[: 2 * FARTHEST + 1] / (len(odd) + len(below))


def shift_lines(frames: np.ndarray, offset_px: int) -> np.ndarray:
    """`frames` (frames, height, width) with odd lines moved right by `offset_px`; a copy.

    As suite2p does it: pixels at the edge that nothing moves to keep their values.
    """
    if not offset_px:
        return frames
    shifted = frames.copy()
    if offset_px > 0:
        shifted[:, 1::2, offset_px:] = frames[:, 1::2, :-offset_px]
    else:
        shifted[:, 1::2, :offset_px] = frames[:, 1::2, -offset_px:]
    return shifted

"""Pairs from the noisy movie itself: each pixel told from its neighbours in space and time.

A network that never sees a pixel cannot learn its noise, which is independent of the others; what
it can tell of the pixel from the rest is signal [blind spot: Krull et al. 2019; neighbouring
frames: Lecoq et al. 2021]. Restoring, it sees the pixel too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from twophoton_decode.deep.microscope.restoration.examples import PEAK_PERCENT, Pairs, digest_of
from twophoton_decode.deep.microscope.restoration.light import Light
from twophoton_decode.errors import MovieError
from twophoton_decode.recording.frames import read_frames
from twophoton_decode.records import Recording

HIDDEN = 0.06
"""Share of the pixels of the middle frame that are hidden and judged."""
_REACH = 2
_MOST_BYTES = 100_000_000
_MOST_FRAMES = 600
_STRETCHES = 10
HELD_OUT = 2
"""Stretches of ten that say when to stop."""


@dataclass(frozen=True, eq=False)
class OwnMovie:
    """Stretches of successive noisy frames.

    Attributes
    ----------
    stretch : sequence of ndarray, shape (frames, y, x), float32
        Photons.
    window, side : int
        Frames of a window, and side of the square patches, px.
    """

    stretch: Sequence[np.ndarray]
    window: int
    side: int = 48

    def peak(self) -> float:
        """Photons that 99.9 % of the pixels of mean images stay below, twice over."""
        means = np.concatenate([each.mean(axis=0).ravel() for each in self.stretch])
        return 2 * float(np.percentile(means, PEAK_PERCENT))

    def digest(self) -> str:
        """A hash of everything that pairs are made of."""
        return digest_of(f"own {self.window} {self.side} {HIDDEN}", self.stretch)

    def part(self, chosen: Sequence[int]) -> OwnMovie:
        """Some of the stretches."""
        return replace(self, stretch=[self.stretch[place] for place in chosen])

    def draw(self, count: int, rng: np.random.Generator) -> Pairs:
        """Windows whose middle frame lacks some pixels, that frame, and the pixels."""
        drawn = [self._one(rng) for _ in range(count)]
        noisy, clean, judged = (np.stack(each) for each in zip(*drawn, strict=True))
        return Pairs(noisy, clean, judged)

    def _one(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        stretch = self.stretch[int(rng.integers(len(self.stretch)))]
        frames, height, width = stretch.shape
        start = int(rng.integers(frames - self.window + 1))
        side = min(self.side, height, width)
        top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
        patch = stretch[start : start + self.window, top : top + side, left : left + side]
        noisy, middle = patch.copy(), patch[self.window // 2]
        hidden = rng.random(middle.shape) < HIDDEN
        noisy[self.window // 2][hidden] = _others(middle, hidden, rng)
        return noisy, middle.copy(), hidden.astype(np.float32)


def _others(frame: np.ndarray, hidden: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """For each hidden pixel the value of another one at most two pixels away."""
    y, x = np.nonzero(hidden)
    steps = [(a, b) for a in range(-_REACH, _REACH + 1) for b in range(-_REACH, _REACH + 1)]
    others = np.array([step for step in steps if step != (0, 0)])
    dy, dx = others[rng.integers(len(others), size=y.size)].T
    # Beyond the border lies what is as far on its other side.
    dy = np.where((y + dy < 0) | (y + dy >= frame.shape[0]), -dy, dy)
    dx = np.where((x + dx < 0) | (x + dx >= frame.shape[1]), -dx, dx)
    return np.asarray(frame[y + dy, x + dx])


def stretches(recording: Recording, light: Light, window: int) -> list[np.ndarray]:
    """Ten stretches of successive frames, evenly spaced, in photons; 100 MB in all.

    Raises
    ------
    MovieError
        The movie is too short to have ten that do not overlap.
    """
    fits = _MOST_BYTES // (4 * recording.height * recording.width * _STRETCHES)
    length = max(window, min(fits, _MOST_FRAMES // _STRETCHES, recording.frames // _STRETCHES))
    if length * _STRETCHES > recording.frames:
        raise MovieError(
            f"the movie has {recording.frames} frames; to learn from it, expected at least "
            f"{window * _STRETCHES}: ten stretches of {window}."
        )
    starts = np.linspace(0, recording.frames - length, _STRETCHES).astype(int).tolist()
    found = (read_frames(recording, start, start + length) for start in starts)
    return [light.in_photons(each.astype(np.float32)) for each in found]

"""How strongly decoded codes enter, so that codes vary as much as those of pictures do.

A code z is made of two: E(x̂), the code of the picture that ridge makes of the responses, and ẑ,
the code that ridge decodes by itself. Codes are not linear in pictures, so the first keeps
what a linear read-out knows of the picture, and lacks what its blur has lost. The second knows
some of that, but ridge has shrunk it, and a generator makes grey pictures of shrunken codes:

    z = E(x̂) + s ⊙ (ẑ − z̄)

s has one value for each channel: the smallest from 0 at which, on training images that were
left out, z varies as much as the codes of training images do [ours].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean squares of left-out codes in each channel, about their means, (channels,).

    Attributes
    ----------
    first, both, second : ndarray
        Of E(x̂), of E(x̂) times ẑ − z̄, and of ẑ − z̄.
    """

    first: np.ndarray
    both: np.ndarray
    second: np.ndarray

    @classmethod
    def of(cls, of_picture: np.ndarray, decoded: np.ndarray) -> Self:
        """From codes (n, channels, y, x), E(x̂) and ẑ − z̄."""
        a, b = (each - each.mean(axis=0) for each in (of_picture, decoded))
        pairs = (a, a), (a, b), (b, b)
        return cls(*(np.mean(one * other, axis=(0, 2, 3), dtype=float) for one, other in pairs))

    def between(self, other: Moments, share: float) -> Moments:
        """So much of these, and the rest of the other's."""
        mixed = (
            share * mine + (1 - share) * theirs
            for mine, theirs in (
                (self.first, other.first), (self.both, other.both), (self.second, other.second)
            )
        )  # fmt: skip
        return Moments(*mixed)

    def factor(self, wanted: np.ndarray) -> np.ndarray:
        """s, (channels,), of the mean squares `wanted`: first + 2 s both + s² second."""
        lacking = np.maximum(wanted - self.first, 0)
        usable = self.second > 1e-12 * np.maximum(wanted, self.first)
        second = np.where(usable, self.second, 1.0)
        root = (np.sqrt(self.both**2 + second * lacking) - self.both) / second
        return np.where(usable, np.maximum(root, 0), 0.0)


@dataclass(frozen=True, eq=False)
class Matching:
    """The factors s for means over any number of trials.

    The noise of single trials makes codes vary too, and less so in means over n of them: mean
    squares are linear in 1 / n.

    Attributes
    ----------
    single, average : Moments
        From single trials, and from means over all trials of an image.
    share : float
        The mean of 1 / trials over images.
    wanted : ndarray, shape (channels,)
        Mean squares of the codes of training images about the mean code.
    """

    single: Moments
    average: Moments
    share: float
    wanted: np.ndarray

    def factor(self, trials: int) -> np.ndarray:
        """s, (channels,)."""
        if self.share > 1 - 1e-9:
            return self.single.factor(self.wanted)
        along = np.clip((1 / trials - self.share) / (1 - self.share), 0, 1)
        return self.single.between(self.average, float(along)).factor(self.wanted)

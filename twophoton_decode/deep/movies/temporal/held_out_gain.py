"""Whether one way of decoding is better than another on training clips that were held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.movies.scores import correlation
from twophoton_decode.deep.movies.showings import Clips, Showings
from twophoton_decode.statistics.image_mean import SHARED_TRAINING

FEWEST = 8
"""Clips that decide, those of one source counted once."""
CERTAIN = 2.0
"""Standard errors by which r must rise: 2 leave one in forty useless ways."""


@dataclass(frozen=True)
class HeldOutGain:
    """By how much r rises, on how many clips (those of one source are one), and its error."""

    mean: float
    clips: int
    error: float

    @property
    def helps(self) -> bool:
        """Whether enough clips show that r rises."""
        return self.clips >= FEWEST and self.mean > CERTAIN * self.error

    @classmethod
    def unknown(cls) -> HeldOutGain:
        """No clip tells."""
        return cls(float("nan"), 0, float("inf"))

    @classmethod
    def of(
        cls, gain: np.ndarray, content: np.ndarray, *, train_each_other: bool = False
    ) -> HeldOutGain:
        """From what each showing gains; NaN, where a clip shows nothing to correlate, is none.

        Where the clips train each other's decoders, the error is that of the mean times √2.
        """
        known = np.isfinite(gain)
        if not known.any():
            return cls.unknown()
        group = np.unique(content[known], return_inverse=True)[1]
        mean = np.bincount(group, gain[known]) / np.bincount(group)
        error = mean.std(ddof=1) / np.sqrt(mean.size) if mean.size > 1 else np.inf
        wider = SHARED_TRAINING if train_each_other else 1.0
        return cls(float(mean.mean()), int(mean.size), float(wider * error))


def gained(
    before: np.ndarray,
    after: np.ndarray,
    chosen: np.ndarray,
    about: tuple[Clips, Showings, np.ndarray],
) -> np.ndarray:
    """What r over pixels and frames gains, about the mean frame of what decoded, (chosen,).

    Parameters
    ----------
    before, after : ndarray, shape (chosen, frames, pixels)
    chosen : ndarray of int, shape (chosen,)
        The showings that decide.
    about : Clips, Showings, ndarray of shape (pixels,)
        What was shown, and the mean frame. That of other clips: about a mean that a clip is
        part of, decoded noise resembles the clip's negative.
    """
    clips, showings, mean = about
    gain = []
    for showing, one, other in zip(chosen.tolist(), before, after, strict=True):
        shown = showings.shown[showing]
        true = (clips.pixels[showings.clip[showing], shown] - mean).ravel()
        first, second = (correlation((each[shown] - mean).ravel(), true) for each in (one, other))
        gain.append(second - first)
    return np.array(gain)

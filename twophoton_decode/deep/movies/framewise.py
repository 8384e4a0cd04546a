"""The best decoder of single frames of each fold, by the training clips that choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.deep.movies.choice import Choice
from twophoton_decode.deep.movies.showings import Clips, Signal


@dataclass(frozen=True)
class Framewise:
    """A smoothed frame-wise decoder: its name, its signal, and what was chosen for a fold."""

    name: str
    signal: Signal
    choice: Choice


@dataclass(eq=False)
class BestFramewise:
    """What stands where decoding over time is not shown to help.

    Attributes
    ----------
    clips : Clips
    of_fold : list of Framewise
    score : ndarray, shape (folds,)
        r of held-out training clips, by which it was preferred.
    made : ndarray, shape (showings, frames, pixels)
        Tested clips as it decodes them.
    """

    clips: Clips
    of_fold: list[Framewise] = field(default_factory=list)
    score: np.ndarray = field(init=False)
    made: np.ndarray = field(init=False)

    def offer(
        self,
        name: str,
        signal: Signal,
        chosen: Sequence[Choice],
        score: np.ndarray,
        made: np.ndarray,
    ) -> None:
        """Take this decoder for the folds where it is better; the first is taken for all."""
        new = [Framewise(name, signal, choice) for choice in chosen]
        if not self.of_fold:
            self.of_fold, self.score, self.made = new, np.array(score), made.copy()
            return
        for fold in np.flatnonzero(score > self.score).tolist():
            self.of_fold[fold] = new[fold]
            tested = signal.showings.of(self.clips.part == fold)
            self.made[tested] = made[tested]
        self.score = np.maximum(self.score, score)

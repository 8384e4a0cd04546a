"""Clips decoded over time, fold by fold, where held-out training clips show that it helps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.deep.movies.choice import Choice
from twophoton_decode.deep.movies.framewise import BestFramewise
from twophoton_decode.deep.movies.parts import FoldSums, Lags, sums_of_folds
from twophoton_decode.deep.movies.showings import Clips, Signal
from twophoton_decode.deep.movies.smoothing import smoothed
from twophoton_decode.deep.movies.temporal.cross_filtered import (
    FEWEST_GROUPS,
    cross_filtered,
    cross_fitted,
)
from twophoton_decode.deep.movies.temporal.held_out_gain import HeldOutGain, gained

Correct = Callable[[int, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""From fold, clips decoded (showings, frames, pixels), training and tested showings to tested
clips (showings, frames, pixels)."""


@dataclass(frozen=True)
class Used:
    """Which decoder stands for the temporal one in a fold, and what filters gain over it.

    `gain` is that of r on held-out training clips, over the best smoothed frame-wise decoder.
    """

    name: str
    gain: HeldOutGain


@dataclass(frozen=True, eq=False)
class DecodedFold:
    """Clips (showings, frames, pixels) of one fold, tested ones and training ones held out.

    Attributes
    ----------
    several : ndarray
        By several lags.
    filtered : ndarray
        These, and what one lag gave, through filters.
    temporal : ndarray
        That, or what the best frame-wise decoder makes.
    used : Used
    """

    several: np.ndarray
    filtered: np.ndarray
    temporal: np.ndarray
    used: Used


@dataclass(eq=False)
class OverTime:
    """Decoding over time, by ridge on one lag and on several.

    Attributes
    ----------
    signal : Signal
    clips : Clips
    seed : int
    single : sequence of Choice
        Lag and strength of each fold.
    best : BestFramewise
    name : str
        What the decoder is called where filters are used.
    """

    signal: Signal
    clips: Clips
    seed: int
    single: Sequence[Choice]
    best: BestFramewise
    name: str
    _sums: dict[tuple[int, Lags], list[FoldSums]] = field(default_factory=dict)

    def folds(self, several: Lags, strengths: Sequence[float]) -> Iterator[DecodedFold]:
        """Each fold in turn."""
        for sums in sums_of_folds(self.signal, self.clips, several, self.seed):
            yield self._decoded(sums, strengths[sums.fold])

    def _decoded(self, sums: FoldSums, strength: float) -> DecodedFold:
        fold, choice = sums.fold, self.single[sums.fold]
        one = self._one_lag(self.signal, choice.lags)[fold]
        fits = [(one, choice.strength), (sums, strength)]
        inputs = [cross_fitted(each) for each in fits]
        filtered = cross_filtered(fits, inputs)
        before = self._framewise(sums, inputs[0])
        gain = self._gain(sums, before, filtered)
        if gain.helps:
            return DecodedFold(inputs[1], filtered, filtered, Used(self.name, gain))
        return DecodedFold(inputs[1], filtered, before, Used(self.best.of_fold[fold].name, gain))

    def _gain(self, sums: FoldSums, before: np.ndarray, after: np.ndarray) -> HeldOutGain:
        """What training clips gain, each about the mean frame of the clips that decoded it."""
        groups, showings = sums.cross_parts(), self.signal.showings
        if len(groups) < FEWEST_GROUPS:
            return HeldOutGain.unknown()
        gain, content = [], []
        for parts in groups:
            chosen = sums.showings(*parts)
            about = self.clips, showings, sums.mean_frame(*parts)
            gain.append(gained(before[chosen], after[chosen], chosen, about))
            content.append(self.clips.content[showings.clip[chosen]])
        return HeldOutGain.of(*map(np.concatenate, (gain, content)), train_each_other=True)

    def _one_lag(self, signal: Signal, lags: Lags) -> list[FoldSums]:
        """The sums of one lag for each fold, made once."""
        key = id(signal), lags
        if key not in self._sums:
            self._sums[key] = list(sums_of_folds(signal, self.clips, lags, self.seed))
        return self._sums[key]

    def _framewise(self, sums: FoldSums, alone: np.ndarray) -> np.ndarray:
        """Clips as the best frame-wise decoder makes them, training ones by fits to others."""
        best, fold = self.best.of_fold[sums.fold], sums.fold
        if best.signal is not self.signal:
            found = self._one_lag(best.signal, best.choice.lags)[fold]
            alone = cross_fitted((found, best.choice.strength))
        made = np.array(smoothed(alone, best.choice.smoothing))
        tested = sums.showings(fold)
        made[tested] = self.best.made[tested]
        return made

"""Decoders of clips from the plainest to the temporal one, each adding a single step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.movies.choice import Choice, Tried, tried
from twophoton_decode.deep.movies.filters import learned
from twophoton_decode.deep.movies.parts import FoldSums, Lags, sums_of_folds
from twophoton_decode.deep.movies.showings import Clips, Signal
from twophoton_decode.deep.movies.smoothing import smoothed
from twophoton_decode.progress import Progress, silent

SAME = "same frame"
BEST = "best lag"
SMOOTHED = "best lag, smoothed"
DECONVOLVED = "deconvolved, smoothed"
STATIC = "static"
LAGS = "several lags"
TEMPORAL = "temporal"
CORRECTED = "temporal, corrected"
FRAMEWISE = (SMOOTHED, DECONVOLVED)
"""The frame-wise decoders that the temporal one has to beat."""

Correct = Callable[[int, np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""From fold, clips decoded (showings, frames, pixels), training and tested showings to tested
clips (showings, frames, pixels)."""


@dataclass(frozen=True, eq=False)
class Rung:
    """One decoder: tested clips as it decodes them, and what was chosen for each fold.

    `made` (showings, frames, pixels) is NaN for clips that only train. `chosen` is None where a
    rung follows from another one.
    """

    name: str
    made: np.ndarray
    chosen: list[Choice] | None


@dataclass(frozen=True, eq=False)
class Plan:
    """Lags in frames to choose one from, lags to take together, and the seed."""

    single: tuple[Lags, ...]
    several: Lags
    seed: int

    @classmethod
    def of(cls, rate_hz: float, several_s: tuple[float, float], seed: int) -> Plan:
        """Lags from 0 to 0.8 s in steps of 0.1 s or a frame; seven over `several_s`."""
        single = np.unique(np.rint(np.arange(0, 0.81, 0.1) * rate_hz).astype(int))
        together = np.unique(np.rint(np.linspace(*several_s, 7) * rate_hz).astype(int))
        return cls(tuple((int(each),) for each in single), tuple(together.tolist()), seed)


def rungs(
    raw: Signal,
    deconvolved: Signal | None,
    clips: Clips,
    plan: Plan,
    correct: Correct | None = None,
    progress: Progress = silent,
) -> Iterator[Rung]:
    """Each decoder in turn, so that its clips need not be kept.

    Parameters
    ----------
    raw : Signal
        Of the session, such as ΔF/F.
    deconvolved : Signal or None
        The same deconvolved; None where the raw signal is, or where it cannot be.
    clips : Clips
    plan : Plan
    correct : callable, optional
        Corrects what the temporal decoder made.
    progress : callable
    """
    steps = _Steps(raw, clips, plan, progress, 3 + 2 * (deconvolved is not None) + clips.folds)
    found = steps.try_single(raw)
    for name, choices in (
        (SAME, found.best(smooth=False, only=(0,))),
        (BEST, found.best(smooth=False)),
    ):
        yield Rung(name, steps.decode(raw, choices), choices)
    chosen = found.best(smooth=True)
    made = steps.decode(raw, chosen)
    steps.done()
    yield Rung(SMOOTHED, made, chosen)
    signal = raw
    if deconvolved is not None:
        signal = deconvolved
        chosen = steps.try_single(signal).best(smooth=True)
        made = steps.decode(signal, chosen)
        steps.done()
        yield Rung(DECONVOLVED, made, chosen)
    yield Rung(STATIC, _still(made, raw), None)
    yield from _temporal(steps, signal, chosen, correct)


def _still(made: np.ndarray, signal: Signal) -> np.ndarray:
    """The mean over the frames shown of each decoded clip, repeated."""
    still = np.empty_like(made)
    for showing, shown in enumerate(signal.showings.shown):
        still[showing] = made[showing, shown].mean(axis=0) if shown.any() else np.nan
    return still


@dataclass(eq=False)
class _Steps:
    """What the rungs share: data, plan, and how far they are."""

    raw: Signal
    clips: Clips
    plan: Plan
    progress: Progress
    total: int
    count: int = 0

    def done(self) -> None:
        self.count += 1
        self.progress(self.count, self.total, "steps of movie decoding")

    def try_single(self, signal: Signal) -> Tried:
        found = tried(signal, self.clips, self.plan.single, self.plan.seed)
        self.done()
        return found

    def empty(self) -> np.ndarray:
        size = len(self.raw.showings.clip), *self.clips.pixels.shape[1:]
        return np.full(size, np.nan, np.float32)

    def decode(self, signal: Signal, chosen: Sequence[Choice]) -> np.ndarray:
        made = self.empty()
        for lags in dict.fromkeys(each.lags for each in chosen):
            for sums in sums_of_folds(signal, self.clips, lags, self.plan.seed):
                choice = chosen[sums.fold]
                if choice.lags == lags:
                    fill(made, sums, choice.strength, [], [sums.fold])
                    tested = sums.showings(sums.fold)
                    made[tested] = smoothed(made[tested], choice.smoothing)
        return made


def fill(
    made: np.ndarray,
    sums: FoldSums,
    strength: float,
    without: Sequence[int],
    parts: Sequence[int],
) -> None:
    """Decode the clips of some parts into `made`, by a fit to the training parts but `without`."""
    fitted = sums.ridge(*without).fit(strength)
    for some, rows in sums.signal.blocks(sums.showings(*parts), sums.lags):
        made[some] = fitted(rows)


def _temporal(
    steps: _Steps, signal: Signal, single: Sequence[Choice], correct: Correct | None
) -> Iterator[Rung]:
    """Ridge on several lags; then, with what one lag gave, filters over time; then a network."""
    clips, seed = steps.clips, steps.plan.seed
    choices = tried(signal, clips, (steps.plan.several,), seed).best(smooth=False)
    steps.done()
    several, temporal, corrected = steps.empty(), steps.empty(), steps.empty()
    used = dict.fromkeys(each.lags for each in single)
    one = {lags: list(sums_of_folds(signal, clips, lags, seed)) for lags in used}
    for sums in sums_of_folds(signal, clips, steps.plan.several, seed):
        fold, strength = sums.fold, choices[sums.fold].strength
        alone = single[fold]
        inputs = [
            _cross_fitted(one[alone.lags][fold], alone.strength, steps.empty()),
            _cross_fitted(sums, strength, steps.empty()),
        ]
        tested, training = sums.showings(fold), sums.showings(*sums.training)
        filters = learned(inputs, training, signal.showings, clips, sums.ridge().y)
        made = steps.empty()
        for showing in [*tested, *(training if correct else [])]:
            made[showing] = filters([each[showing] for each in inputs])
        several[tested], temporal[tested] = inputs[1][tested], made[tested]
        if correct:
            corrected[tested] = correct(fold, made, training, tested)
        steps.done()
    yield Rung(LAGS, several, choices)
    yield Rung(TEMPORAL, temporal, None)
    if correct:
        yield Rung(CORRECTED, corrected, None)


def _cross_fitted(sums: FoldSums, strength: float, made: np.ndarray) -> np.ndarray:
    """All clips: tested ones by the fit to all training parts, those by fits without their own."""
    fill(made, sums, strength, [], [sums.fold])
    for parts in sums.cross_parts():
        fill(made, sums, strength, parts, parts)
    return made

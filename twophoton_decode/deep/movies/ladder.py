"""Decoders of clips from the plainest to the temporal one, each adding a single step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.movies.choice import Choice, Tried, tried
from twophoton_decode.deep.movies.framewise import BestFramewise
from twophoton_decode.deep.movies.latents import ALONE, ANCHORED, FrameLatents
from twophoton_decode.deep.movies.parts import Lags, sums_of_folds
from twophoton_decode.deep.movies.showings import Clips, Signal
from twophoton_decode.deep.movies.smoothing import smoothed
from twophoton_decode.deep.movies.temporal.cross_filtered import empty, fill
from twophoton_decode.deep.movies.temporal.over_time import Correct, OverTime, Used
from twophoton_decode.progress import Progress, silent

SAME = "same frame"
BEST = "best lag"
SMOOTHED = "best lag, smoothed"
DECONVOLVED = "deconvolved, smoothed"
STATIC = "static"
LAGS = "several lags"
FILTERED = "filtered over time"
TEMPORAL = "temporal"
CORRECTED = "temporal, corrected"
FRAMEWISE = (SMOOTHED, DECONVOLVED)
"""The frame-wise decoders that the temporal one has to beat."""


@dataclass(frozen=True, eq=False)
class Rung:
    """One decoder: tested clips as it decodes them, and what was chosen for each fold.

    `made` (showings, frames, pixels) is NaN for clips that only train. `chosen` is None where a
    rung follows from another one. `used` says what stands for the temporal decoder in each fold.
    """

    name: str
    made: np.ndarray
    chosen: list[Choice] | None
    used: list[Used] | None = None


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
    latents: FrameLatents | None = None,
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
    latents : FrameLatents, optional
        Through which smoothed frames go too.
    """
    steps = _Steps(raw, clips, plan, progress, 3 + 2 * (deconvolved is not None) + clips.folds)
    best = BestFramewise(clips)
    found = steps.try_single(raw)
    for name, choices in (
        (SAME, found.best(smooth=False, only=(0,))),
        (BEST, found.best(smooth=False)),
    ):
        yield Rung(name, steps.decode(raw, choices), choices)
    chosen = found.best(smooth=True)
    made = steps.decode(raw, chosen)
    best.offer(SMOOTHED, raw, chosen, found.highest, made)
    steps.done()
    yield Rung(SMOOTHED, made, chosen)
    signal = raw
    if deconvolved is not None:
        signal = deconvolved
        found = steps.try_single(signal)
        chosen = found.best(smooth=True)
        made = steps.decode(signal, chosen)
        best.offer(DECONVOLVED, signal, chosen, found.highest, made)
        steps.done()
        yield Rung(DECONVOLVED, made, chosen)
    yield Rung(STATIC, _still(made, raw), None)
    if latents is not None:
        through = latents.of(signal, chosen, made)
        yield from (Rung(*each, None) for each in zip((ALONE, ANCHORED), through, strict=True))
    yield from _temporal(steps, signal, chosen, best, correct)


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

    def decode(self, signal: Signal, chosen: Sequence[Choice]) -> np.ndarray:
        made = empty(self.raw, self.clips)
        for lags in dict.fromkeys(each.lags for each in chosen):
            for sums in sums_of_folds(signal, self.clips, lags, self.plan.seed):
                choice = chosen[sums.fold]
                if choice.lags == lags:
                    fill(made, (sums, choice.strength), [], [sums.fold])
                    tested = sums.showings(sums.fold)
                    made[tested] = smoothed(made[tested], choice.smoothing)
        return made


def _temporal(
    steps: _Steps,
    signal: Signal,
    single: Sequence[Choice],
    best: BestFramewise,
    correct: Correct | None,
) -> Iterator[Rung]:
    """Ridge on several lags; then, with what one lag gave, filters over time; then a network."""
    clips, several = steps.clips, steps.plan.several
    choices = tried(signal, clips, (several,), steps.plan.seed).best(smooth=False)
    steps.done()
    over_time = OverTime(signal, clips, steps.plan.seed, single, best, TEMPORAL)
    made = {name: empty(signal, clips) for name in (LAGS, FILTERED, TEMPORAL, CORRECTED)}
    used = []
    for fold, found in enumerate(over_time.folds(several, [each.strength for each in choices])):
        tested, training = (signal.showings.of(each) for each in _sets(clips, fold))
        for name, each in (
            (LAGS, found.several), (FILTERED, found.filtered), (TEMPORAL, found.temporal)
        ):  # fmt: skip
            made[name][tested] = each[tested]
        used.append(found.used)
        if correct:
            made[CORRECTED][tested] = correct(fold, found.temporal, training, tested)
        steps.done()
    yield Rung(LAGS, made.pop(LAGS), choices)
    yield Rung(FILTERED, made.pop(FILTERED), None)
    yield Rung(TEMPORAL, made.pop(TEMPORAL), None, used)
    if correct:
        yield Rung(CORRECTED, made.pop(CORRECTED), None)


def _sets(clips: Clips, fold: int) -> tuple[np.ndarray, np.ndarray]:
    """Which clips are tested, and which train, (clips,) bool."""
    return clips.part == fold, clips.part != fold

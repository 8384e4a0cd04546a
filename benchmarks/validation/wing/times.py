"""Time courses of decoded layers: curves, their test, onsets and peaks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from measures import AT_MOST, COVERAGE, Interval, Quantity, rejected
from study import Outcome, Study

from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
from twophoton_decode.deep.comparison.timing.time_course import (
    TimeCourse,
    half_peak_times,
    pattern_courses,
    time_course,
)
from twophoton_decode.settings import DecodingSettings
from wing.layers import EARLY, LATE, REPEATS, Kind, Session, session

BIN_S = np.arange(-0.25, 3.0, 0.5)
"""Middles of bins, one of them before the onset."""
RISES = {EARLY: (0, 0.4, 1, 0.8, 0.5, 0.3, 0.2), LATE: (0, 0, 0.4, 1, 0.8, 0.5, 0.3)}
"""How strongly cells are driven in each bin; what is of other layers rises as the early one."""


def onset_of_mean(found: Sequence[Interval]) -> float:
    """The onset of the mean curve over runs."""
    return float(half_peak_times(np.mean([each.behind for each in found], axis=0), BIN_S))


def delay_of_means(found: Sequence[Interval]) -> float:
    """The onset of the mean curve of the late layer less that of the early one."""
    early, late = half_peak_times(np.mean([each.behind for each in found], axis=0), BIN_S)
    return float(late - early)


def peak_of_mean(found: Sequence[Interval]) -> float:
    """The peak of the mean curve over runs."""
    return float(BIN_S[np.mean([each.behind for each in found], axis=0).argmax()])


COURSE = Quantity(
    ("course_ci95",), "interval of a layer's curve in one bin holds the expected value", COVERAGE
)
COURSE_P = Quantity(
    ("course_p", "peak_p"), "a layer said to be decoded in some bin where nothing is seen", AT_MOST
)
ONSET = Quantity(
    ("onset_ci95",), "interval of a layer's onset holds that of the expected curve", COVERAGE,
    onset_of_mean,
)  # fmt: skip
AFTER = Quantity(
    ("onset_after_first_ci95",), "interval of the later onset holds that of the expected curves",
    COVERAGE, delay_of_means,
)  # fmt: skip
PEAK = Quantity(
    ("peak_ci95",), "interval of a layer's peak holds that of the expected curve", COVERAGE,
    peak_of_mean,
)  # fmt: skip
SETTINGS = DecodingSettings(bootstraps=200)


def _run(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    made = session(kind, rng)
    found = _courses(made, rng)
    for place, layer in enumerate(RISES):
        for about, at in (("before the onset", 0), ("peak", int(np.argmax(RISES[layer])))):
            yield (
                COURSE,
                f"{layer}, {about}",
                Interval.of(found.curve[place, at], (found.low[place, at], found.high[place, at])),
            )
        if not kind.seen:
            yield COURSE_P, layer, rejected(found.p[place])
            continue
        for quantity, timing in ((ONSET, found.onset), (PEAK, found.peak)):
            yield quantity, layer, _timed(timing, place, found.curve[place])
    if kind.seen:
        yield AFTER, "", _timed(found.onset_after_first, 1, found.curve)


def _timed(timing, place: int, behind: np.ndarray) -> Interval:
    return Interval(timing.value[place], timing.low[place], timing.high[place], behind=behind)


def _courses(made: Session, rng: np.random.Generator) -> TimeCourse:
    """Decoders of the mean over bins after the onset, applied to every bin."""
    kind = made.kind
    folds, _ = decoding_folds(rng.standard_normal((kind.images, 8, 8)), None, SETTINGS)
    rise = {name: np.array(RISES.get(name, RISES[EARLY])) for name in made.driven_by}
    binned = sum(rise[name][:, None] * own[:, None] for name, own in made.driven_by.items())
    binned = binned + kind.noise / REPEATS**0.5 * rng.standard_normal(binned.shape)
    layers = {name: made.features[name] for name in RISES}
    average = binned[:, BIN_S > 0].mean(axis=1)
    courses = pattern_courses(average, binned, layers, folds.fold, folds.content)
    return time_course(courses, BIN_S, folds.content, SETTINGS.bootstraps, SETTINGS.seed)


LEVELS = {
    "nothing seen": {"seen": False},
    "weak": {"noise": 8.0},
    "clear": {"noise": 3.0},
}


def studies() -> Iterator[Study]:
    for level, changed in LEVELS.items():
        kind = Kind(0, twin=0, twin_b=0, **changed)
        quantities = (COURSE, ONSET, AFTER, PEAK) if kind.seen else (COURSE, COURSE_P)
        for images, every in ((20, 1), (50, 1), (200, 2)):
            run = partial(_run, Kind(images, twin=0, twin_b=0, **changed))
            setting = f"{level}, {images} pictures in {len(BIN_S)} bins"
            yield Study("deep-times", setting, quantities, run, every)

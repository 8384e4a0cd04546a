"""What responses say of the session and the population: drift, carry-over, correlations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from measures import COVERAGE, REJECTION, Interval, Quantity, rejected
from recordings import Kind, recording
from study import Outcome, Study

from twophoton_decode.records.fields.population import PopulationStatistics
from twophoton_decode.responses.responsive.responsiveness import visually_responsive
from twophoton_decode.responses.statistics.session_effects import carry_over, drift
from twophoton_decode.responses.statistics.statistics import population_statistics

MEMORIES = (0.0, 0.3, 0.5, 0.8, 0.9, 0.98)
CARRY_OVER = Quantity(("carry_over_p",), "carry-over where there is none", REJECTION)
DRIFT = Quantity(("drift_p",), "drift where there is none", REJECTION)
ORACLE = Quantity(("oracle_p",), "oracle score over cells where nothing is evoked", REJECTION)
VISUAL = Quantity(
    ("visually_responsive_p",), "share of cells with p ≤ 0.05 where nothing is evoked", REJECTION
)
SPARSENESS = Quantity(
    ("sparseness_of_averages_error",),
    "mean sparseness ± 1.96 errors over images holds the expected one",
    COVERAGE,
)
OVERLAPS = {
    name: Quantity((f"{name}_ci95",), f"interval of the {what} holds the expected one", COVERAGE)
    for name, what in (("overlap", "mean overlap"), ("overlap_ratio", "ratio of overlaps"))
}
CORRELATIONS = {
    name: Quantity((f"{name}_ci95",), f"interval of the {what} holds the expected one", COVERAGE)
    for name, what in (
        ("noise_correlation", "mean noise correlation"),
        ("signal_correlation", "mean signal correlation"),
        ("signal_noise_correlation", "correlation of signal and noise correlations"),
        ("noise_distance_correlation", "correlation of noise correlations and distance"),
    )
}


def _in_time(memory: float, rng: np.random.Generator) -> Iterator[Outcome]:
    """Tuned cells whose noise remembers the presentation before, shared noise among it."""
    kind = Kind(images=40, cells=30, noise=1.0, gain=0.0, memory=memory)
    found = recording(kind, rng)
    common = recording(Kind(images=40, cells=1, noise=0.5, memory=memory, evoked=False), rng)
    response = found.response + common.response
    previous = np.concatenate([[-1], found.image[:-1]])
    carried = carry_over(response, found.image, previous, rng)
    drifting = drift(response, found.image, 2.0 * np.arange(len(response)))
    yield CARRY_OVER, "", rejected(carried.p)
    yield DRIFT, "", rejected(drifting.p)


def _statistics(response: np.ndarray, image: np.ndarray, **given: object) -> PopulationStatistics:
    visual = visually_responsive(response, image, 0.05)
    return population_statistics(
        response,
        image,
        onset_s=2.0 * np.arange(len(response)),
        previous=np.concatenate([[-1], image[:-1]]),
        visual=visual,
        seed=0,
        **given,
    )


def _nothing_evoked(rng: np.random.Generator) -> Iterator[Outcome]:
    """Noise that every cell has for itself."""
    found = recording(Kind(images=40, evoked=False, noise=1.0), rng)
    none = np.zeros((found.kind.cells, found.kind.images), bool)
    said = _statistics(found.response, found.image, responsive=none, place=None)
    yield ORACLE, "", rejected(said.oracle_p)
    yield VISUAL, "", float((said.visually_responsive_p <= 0.05).mean())


def _pictures_anew(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    """The same cells and new pictures in every run, as what is said over images assumes."""
    said = _described(kind, rng)
    value = np.nanmean(said.overlap)
    yield OVERLAPS["overlap"], "", Interval.of(value, said.overlap_ci95)
    yield OVERLAPS["overlap_ratio"], "", Interval.of(said.overlap_ratio, said.overlap_ratio_ci95)
    error = said.sparseness_of_averages_error[0]
    yield SPARSENESS, "one trial", Interval.from_error(said.sparseness_of_averages[0], error)


def _cells_anew(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    """New cells and new pictures in every run; what is said over pairs of cells."""
    said = _described(replace(kind, population=int(rng.integers(2**31))), rng)
    for name, quantity in CORRELATIONS.items():
        value = getattr(said, name)
        ends = getattr(said, f"{name}_ci95")
        yield quantity, "", Interval.of(np.nanmean(value), ends)


def _described(kind: Kind, rng: np.random.Generator) -> PopulationStatistics:
    """A fifth of all pairs count as responsive, those driven most."""
    found = recording(kind, rng)
    place = np.column_stack([np.zeros(kind.cells), rng.uniform(0, 200, (kind.cells, 2))])
    responsive = (found.drive > np.quantile(found.drive, 0.8)).T
    return _statistics(found.response, found.image, responsive=responsive, place=place)


def studies() -> Iterator[Study]:
    for memory in MEMORIES:
        setting = f"noise autocorrelation {memory:g}, 40 images × 4"
        yield Study("session", setting, (CARRY_OVER, DRIFT), partial(_in_time, memory))
    yield Study("session", "nothing evoked, 40 images × 4", (ORACLE, VISUAL), _nothing_evoked)
    for images, cells in ((20, 30), (40, 50), (100, 100)):
        kind = Kind(images=images, cells=cells, noise=1.0)
        size = f"{images} images × 4, {cells} cells"
        of_images = (*OVERLAPS.values(), SPARSENESS)
        yield Study("session", f"new pictures, {size}", of_images, partial(_pictures_anew, kind))
        of_cells = tuple(CORRELATIONS.values())
        yield Study("session", f"new cells, {size}", of_cells, partial(_cells_anew, kind))

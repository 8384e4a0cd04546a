"""Representational similarity: intervals of agreement, of what is beyond controls, and ceilings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from measures import AT_LEAST, COVERAGE, Interval, Quantity
from study import Outcome, Study

from twophoton_decode.deep.comparison.agreement import ceilings, spearman
from twophoton_decode.deep.comparison.dissimilarity import correlation_distance
from twophoton_decode.deep.comparison.models import PIXELS, Model
from twophoton_decode.deep.comparison.population_rdms import Trials, population_rdms
from twophoton_decode.deep.comparison.representation import Comparison, PopulationData, represent
from twophoton_decode.records.deep.representation import Representation
from wing.layers import EARLY, LATE, PIXEL, Kind, Session, session

RESAMPLES, SPLITS = 200, 10
AGREEMENT = Quantity(
    ("agreement_low", "agreement_high"), "interval of a layer's agreement holds the expected one",
    COVERAGE,
)  # fmt: skip
OVER_RANDOM = Quantity(
    ("over_random_low", "over_random_high"),
    "interval of a layer's agreement less that of its random twin holds the expected one",
    COVERAGE,
)
OVER_PIXELS = Quantity(
    ("over_pixels_low", "over_pixels_high"),
    "interval of a layer's agreement less that of the pixels holds the expected one",
    COVERAGE,
)
CEILING = Quantity(
    ("ceiling_low", "ceiling_high"),
    "agreement of the dissimilarities without noise lies between both ends of the ceiling",
    AT_LEAST,
)
LAYERS = (EARLY, LATE)


def _one_session(kind: Kind, rng: np.random.Generator) -> Iterator[Outcome]:
    made = session(kind, rng)
    trials = Trials(made.response, made.image, made.repeat, kind.images)
    cells = {"all": np.arange(kind.cells)}
    own = population_rdms(trials, cells, "crossnobis", SPLITS, np.random.default_rng(0))
    ends = float(own.ceiling[0, 0]), float(own.ceiling[0, 1])
    data = PopulationData("all", kind.cells, own.rdm, float(own.between[0, 0]), ends)
    yield from _told(_compared(made, data), kind)
    perfect = spearman(_without_noise(made)[None], own.rdm)[0, 0]
    yield CEILING, "", float(ends[0] <= perfect <= ends[1])


def _animals(kind: Kind, animals: int, rng: np.random.Generator) -> Iterator[Outcome]:
    """Several animals with cells of their own saw the same pictures; new ones in every run."""
    seed = int(rng.integers(2**31))
    state, rdms, perfect = rng.bit_generator.state, [], []
    for each in range(animals):
        rng.bit_generator.state = state
        made = session(replace(kind, population=seed + each), rng)
        noise = np.random.default_rng([seed, each]).standard_normal(made.response.shape)
        response = made.drive[made.image] + kind.noise * noise
        trials = Trials(response, made.image, made.repeat, kind.images)
        rdms.append(trials.of(np.arange(kind.cells)).rdm("crossnobis"))
        perfect.append(_without_noise(made))
    data = np.stack(rdms)
    ends = ceilings(data)
    yield from _told(_compared(made, PopulationData("all", kind.cells, data, ends[0], ends)), kind)
    # What animals have in common is what the features make, of infinitely many cells.
    common = spearman(np.mean(perfect, axis=0)[None], data).mean()
    yield CEILING, "", float(ends[0] <= common <= ends[1])


def _without_noise(made: Session) -> np.ndarray:
    """Dissimilarities of the pictures without noise, at the scale of the cells' responses."""
    drive = made.drive / made.response.std(axis=0)
    squares = (drive**2).sum(axis=1)
    matrix = squares[:, None] + squares - 2 * drive @ drive.T
    return matrix[np.triu_indices(len(drive), 1)]


def _compared(made: Session, data: PopulationData) -> Representation:
    models = [
        Model(network, layer, depth, correlation_distance(made.features[name].astype(float)))
        for network, twin in (("network", ""), ("random", "twin "))
        for depth, layer in enumerate(LAYERS)
        for name in [twin + layer]
    ]
    pixels = correlation_distance(made.features[PIXEL].astype(float))
    return represent(
        Comparison(
            populations=[data],
            models=[*models, Model(PIXELS, PIXELS, -1, pixels)],
            twins={"network": "random"},
            picture_name=np.arange(made.kind.images).astype(str),
            between=np.full((1, 1), np.nan),
            measure="crossnobis",
            bootstraps=RESAMPLES,
        )
    )


def _told(found: Representation, kind: Kind) -> Iterator[Outcome]:
    controls = (
        (AGREEMENT, "agreement"),
        (OVER_RANDOM, "over_random"),
        (OVER_PIXELS, "over_pixels"),
    )
    for place, layer in enumerate(LAYERS):
        for quantity, name in controls:
            value, low, high = (
                float(getattr(found, name + end)[place, 0]) for end in ("", "_low", "_high")
            )
            alike = quantity is OVER_RANDOM and kind.twin == kind.twin_b == 1
            yield quantity, layer, Interval(value, low, high, 0.0 if alike else np.nan)


LEVELS = {
    "nothing seen": {"seen": False, "noise": 6.0},
    "twins carried alike": {"noise": 6.0},
    "twins carried less": {"twin": 0.2, "twin_b": 0.2, "late": 0.5, "noise": 6.0},
}


def studies() -> Iterator[Study]:
    quantities = (AGREEMENT, OVER_RANDOM, OVER_PIXELS, CEILING)
    for level, changed in LEVELS.items():
        for images, every in ((20, 1), (50, 1), (200, 2)):
            run = partial(_one_session, Kind(images, **changed))
            yield Study("deep-rsa", f"{level}, {images} pictures", quantities, run, every)
    for animals in (4, 8):
        for level in ("nothing seen", "twins carried less"):
            run = partial(_animals, Kind(50, **LEVELS[level]), animals)
            setting = f"{level}, 50 pictures, {animals} animals"
            yield Study("deep-rsa", setting, quantities, run, 1)

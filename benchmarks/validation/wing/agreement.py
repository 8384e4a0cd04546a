"""Units decoded alike in different animals: intervals and test on pictures they do not share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from measures import COVERAGE, REJECTION, Interval, Quantity, rejected
from study import Outcome, Study

from twophoton_decode.deep.comparison.decoding.decoded_layers import Population, decode_layers
from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
from twophoton_decode.deep.comparison.decoding.spaces import NETWORK, Space
from twophoton_decode.deep.comparison.units.session_pair import DecodedSession
from twophoton_decode.deep.comparison.units.sessions import compare_units
from twophoton_decode.settings import DecodingSettings
from wing.layers import AXES, EARLY, UNITS, Kind, session

SETTINGS = DecodingSettings(folds=5)
AGREEMENT = Quantity(
    ("agreement_ci95",), "interval of the agreement on disjoint pictures holds the expected one",
    COVERAGE,
)  # fmt: skip
PARTIAL = Quantity(("partial_ci95",), "the same given what units are like", COVERAGE)
MEAN = Quantity(
    ("mean_ci95",), "interval of the mean over pairs of three animals holds the expected one",
    COVERAGE,
)  # fmt: skip
AGREEMENT_P = Quantity(("agreement_p",), "agreement of units where nothing is seen", REJECTION)


@dataclass(frozen=True)
class Pair:
    """Two sessions or three of different mice; of their pictures they share so many."""

    kind: Kind
    sessions: int = 2
    shared: int = 0


def _run(pair: Pair, rng: np.random.Generator) -> Iterator[Outcome]:
    found = _compared(pair, rng)
    for quantity, name in ((AGREEMENT, "agreement"), (PARTIAL, "partial")):
        yield quantity, "", Interval.of(found[name][0, 0], found[f"{name}_ci95"][0, 0])
    if pair.sessions > 2:
        yield MEAN, "", Interval.of(found["mean"][0], found["mean_ci95"][0])
    if not pair.kind.seen:
        yield AGREEMENT_P, "", rejected(found["agreement_p"][0, 0])


def _compared(pair: Pair, rng: np.random.Generator) -> dict:
    """Pictures that are shared come first; cells of each session stay the same in all runs."""
    common, own = pair.shared, pair.kind.images - pair.shared
    axes = rng.standard_normal((common, AXES))
    made, spaces = [], []
    for number in range(pair.sessions):
        each = session(replace(pair.kind, population=100 + number), rng, {EARLY: axes})
        content = np.append(np.arange(common), common + number * own + np.arange(own))
        folds, _ = decoding_folds(rng.standard_normal((len(content), 8, 8)), None, SETTINGS)
        space = Space(NETWORK, EARLY, each.features[EARLY], np.arange(UNITS))
        layers = decode_layers(
            Population(each.average), {space.key: space.features}, folds.fold, folds.content
        )
        made.append(DecodedSession(f"{number}", f"{number}", content, folds.fold, layers, layers))
        spaces.append([space])
    return compare_units(made, spaces, 0)[0]


ONLY_EARLY = {"twin": 0.0, "twin_b": 0.0, "late": 0.0, "pixels": 0.0}
LEVELS = {"nothing seen": {"seen": False}, "seen": {"noise": 6.0}}


def studies() -> Iterator[Study]:
    for level, changed in LEVELS.items():
        sizes = ((20, 0, 2, 2), (50, 0, 3, 4), (60, 30, 2, 2), (200, 0, 2, 2))
        for images, shared, sessions, every in sizes:
            kind = Kind(images, **ONLY_EARLY, **changed)
            quantities = (AGREEMENT, PARTIAL)
            quantities += (MEAN,) * (sessions > 2) + (AGREEMENT_P,) * (not kind.seen)
            words = f"{shared} of them shared" if shared else "none shared"
            setting = f"{level}, {images} pictures in each of {sessions} sessions, {words}"
            run = partial(_run, Pair(kind, sessions, shared))
            yield Study("deep-agreement", setting, quantities, run, every)

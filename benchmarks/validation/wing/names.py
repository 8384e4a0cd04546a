"""Populations of one name in several sessions: does their agreement exceed that with others?

Their interval is for new sessions with these pictures, so that pictures stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from measures import AT_MOST, COVERAGE, Interval, Quantity
from study import Outcome, Study

from twophoton_decode.deep.comparison.between_sessions import named_agreement
from twophoton_decode.deep.comparison.population_rdms import Trials
from wing.layers import AXES, EARLY, LATE, Kind, session

RESAMPLES = 400
DIFFERENCE = Quantity(
    ("difference_ci95",),
    "interval of what populations of one name agree more across sessions holds the expected one",
    COVERAGE,
)
SHOWN = Quantity(
    ("difference_ci95",),
    "that interval without 0 where names of populations mean nothing",
    AT_MOST,
)
IMAGES, CELLS = 40, 30


def _run(sessions: int, differ: float, rng: np.random.Generator) -> Iterator[Outcome]:
    """New cells of "V1" (more of the early layer) and "LM" (of the late one), the same pictures."""
    pictures = np.random.default_rng(1)
    axes = {name: pictures.standard_normal((IMAGES, AXES)) for name in (EARLY, LATE)}
    kind = Kind(IMAGES, cells=CELLS, twin=0, twin_b=0, pixels=0, noise=5.0)
    rdms = []
    for _ in range(sessions):
        for early, late in ((1 + differ, 1 - differ), (1 - differ, 1 + differ)):
            own = replace(kind, early=early, late=late, population=int(rng.integers(2**31)))
            made = session(own, rng, axes)
            trials = Trials(made.response, made.image, made.repeat, IMAGES)
            rdms.append(trials.of(np.arange(CELLS)).rdm("crossnobis"))
    name = np.array(["V1", "LM"] * sessions)
    place = np.arange(sessions).repeat(2)
    found = named_agreement(np.stack(rdms), name, place, RESAMPLES, np.random.default_rng(0))
    for each in found:
        low, high = each.difference_ci95
        truth = np.nan if differ else 0.0
        yield DIFFERENCE, each.name, Interval(each.difference, low, high, truth)
        if not differ:
            yield SHOWN, each.name, float(low > 0 or high < 0)


def studies() -> Iterator[Study]:
    for differ in (0.0, 0.3):
        words = "names that differ" if differ else "names that mean nothing"
        for sessions in (4, 6, 10):
            quantities = (DIFFERENCE,) if differ else (DIFFERENCE, SHOWN)
            run = partial(_run, sessions, differ)
            yield Study("deep-rsa-names", f"{words}, {sessions} sessions", quantities, run)

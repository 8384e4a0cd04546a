"""Several sessions: `compare`'s paired tests, and intervals over mice, sessions and images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from measures import AT_MOST, COVERAGE, REJECTION, Interval, Quantity, any_rejected, rejected
from study import Outcome, Study

from twophoton_decode.analyses.sessions.comparisons import paired_comparisons
from twophoton_decode.analyses.sessions.tables import population_table, statistics_table
from twophoton_decode.analyses.sessions.view import population_view
from twophoton_decode.records.sessions import Measurement

PAIRED = Quantity(("p",), "paired test over sessions of two decoders alike", REJECTION)
HOLM = Quantity(("p_holm",), "any test of a question with nothing to find", AT_MOST)
DIFFERENCE = Quantity(
    ("mean_difference_ci95_low", "mean_difference_ci95_high"),
    "interval of the mean difference holds the true one",
    COVERAGE,
)
MEAN = Quantity(
    ("mean_ci95_low", "mean_ci95_high"),
    "interval of the mean over mice holds the true one",
    COVERAGE,
)


@dataclass(frozen=True)
class Sessions:
    """Sessions of each mouse, and SD between mice, sessions of a mouse, and images."""

    mice: int
    each: int
    mouse_sd: float = 0.05
    session_sd: float = 0.03
    image_sd: float = 0.15
    images: int = 40

    def __str__(self) -> str:
        return f"{self.mice} mice × {self.each} sessions, SD {self.mouse_sd:g} between mice"


def _drawn(kind: Sessions, rng: np.random.Generator) -> list[Measurement]:
    """R of two decoders, and of three conditions, that are all alike: 0.3."""
    found = []
    for measure, decoder, condition in (
        ("r_average", "one", ""),
        ("r_average", "other", ""),
        *(("r", "one", each) for each in ("All", "Resp.", "Max.")),
    ):
        for mouse in range(kind.mice):
            of_mouse = 0.3 + kind.mouse_sd * rng.standard_normal()
            for session in range(kind.each):
                mean = of_mouse + kind.session_sd * rng.standard_normal()
                values = mean + kind.image_sd * rng.standard_normal(kind.images)
                name, owner = f"S{mouse}-{session}", f"M{mouse}"
                found.append(Measurement(name, owner, decoder, measure, condition, values))
    return found


def _run(kind: Sessions, rng: np.random.Generator) -> Iterator[Outcome]:
    found = _drawn(kind, rng)
    compared = paired_comparisons(found, primary_score="r_average", resamplings=400, rng=rng)
    table = statistics_table(compared)
    question = np.array(table["question"])
    pair = int(np.flatnonzero(question == "which decoder")[0])
    yield PAIRED, "", rejected(table["p"][pair])
    yield HOLM, "", any_rejected(np.array(table["p_holm"])[question == "how many cells"])
    ends = table["mean_difference_ci95_low"][pair], table["mean_difference_ci95_high"][pair]
    yield DIFFERENCE, "", Interval.of(table["mean_difference"][pair], ends, 0.0)
    means = population_table(
        population_view(found[: kind.mice * kind.each], [], resamplings=400, seed=0)
    )
    ends = means["mean_ci95_low"][0], means["mean_ci95_high"][0]
    yield MEAN, "", Interval.of(means["mean"][0], ends, 0.3)


def studies() -> Iterator[Study]:
    quantities = (PAIRED, HOLM, DIFFERENCE, MEAN)
    for kind in (
        Sessions(6, 1),
        Sessions(12, 1),
        Sessions(4, 3),
        Sessions(6, 3, mouse_sd=0.0),
        Sessions(12, 3),
    ):
        yield Study("sessions", str(kind), quantities, partial(_run, kind))

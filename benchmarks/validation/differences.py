"""Differences between decoders of one session, as the report's table has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from measures import AT_MOST, COVERAGE, Interval, Quantity, any_rejected
from study import Outcome

from twophoton_decode.analyses.sessions.decoders import best_decoder, decoder_differences
from twophoton_decode.records import Reconstruction

DIFFERENCE = Quantity(
    ("difference_ci95",),
    "interval of a difference between decoders holds the expected one",
    COVERAGE,
)  # fmt: skip
TABLE = Quantity(
    ("difference_p",), "any decoder called worse than the best where responses know nothing",
    AT_MOST,
)  # fmt: skip
DIFFERENCES = (DIFFERENCE, TABLE)
SCORE = "r_average"


def of_differences(made: Mapping[str, Reconstruction], null: bool) -> Iterator[Outcome]:
    """Against the first, which is named beforehand; and the table, against the best."""
    reference = next(iter(made))
    for name, lag in decoder_differences(made, reference, SCORE).items():
        truth = 0.0 if null else np.nan
        yield DIFFERENCE, f"{name} − {reference}", Interval.of(lag.mean, lag.interval, truth)
    if null:
        table = decoder_differences(made, best_decoder(made, SCORE), SCORE)
        yield TABLE, "", any_rejected(np.array([lag.p_holm for lag in table.values()]))

"""Cell counts: tests and intervals where responses know nothing, and where they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from measures import (
    AT_MOST,
    BY_SELECTION,
    COVERAGE,
    REJECTION,
    Interval,
    Quantity,
    any_rejected,
    rejected,
)
from study import Outcome

from twophoton_decode.analyses.cell_count import cell_count_curves
from twophoton_decode.analyses.cell_count_statistics import count_reaching
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses
from twophoton_decode.settings import CellCountSettings

SETTINGS = CellCountSettings(
    minimum_responsive=5,
    derangements=200,
    random_draws=5,
    refitted_count=0,
    learning_curves=False,
    compared_counts=[5, 20],
)


def count_of_mean_curve(found: Sequence[Interval]) -> float:
    """95 % count of the curve averaged over all runs."""
    return float(count_reaching(np.mean([each.behind for each in found], axis=0)))


R_ALL = Quantity(("r_all_ci95",), "interval of R from all cells holds the expected R", COVERAGE)
CELLS_95 = Quantity(
    ("cells_95_ci95",), "interval of the 95 % count holds that of the mean curve of all runs",
    COVERAGE, count_of_mean_curve,
)  # fmt: skip
GATE = Quantity(("cells_95_ci95",), "a 95 % count is given where responses know nothing", AT_MOST)
MAX_GAIN = Quantity(("max_gain_p",), "Max. against wrong images, responses know nothing", REJECTION)
MAX_ALL = Quantity(
    ("p_max_all",),
    "Max. against All where responses know nothing: Max. is chosen on the scored image",
    BY_SELECTION,
)
RESPONSIVE_ALL = Quantity(
    ("p_responsive_all",), "Resp. against All where responses know nothing", REJECTION
)
HELDOUT_ALL = Quantity(
    ("p_heldout_all",), "held-out count against All where responses know nothing", REJECTION
)
COMPARED = Quantity(
    ("compared_p",), "strongest cells against a control, responses know nothing", REJECTION
)
COMPARED_HOLM = Quantity(
    ("compared_p_holm", "r_20_over_random_p"),
    "any control said to differ where responses know nothing",
    AT_MOST,
)
COMPARED_GAIN = Quantity(
    ("compared_gain_low", "compared_gain_high"),
    "interval of the gain over a control holds the expected one",
    COVERAGE,
)
COUNT_TESTS = (GATE, MAX_GAIN, MAX_ALL, RESPONSIVE_ALL, HELDOUT_ALL, COMPARED, COMPARED_HOLM)
COUNTED = (R_ALL, COMPARED_GAIN)


def curves_of(made: Reconstruction, responses: Responses) -> CellCountCurves:
    return cell_count_curves(made, responses, SETTINGS, bootstraps=400, seed=0)


def counted(made: Reconstruction, responses: Responses, null: bool) -> Iterator[Outcome]:
    """Everything that the curves of one recording say."""
    curves = curves_of(made, responses)
    truth = 0.0 if null else np.nan
    yield R_ALL, "", Interval.of(curves.r_all.mean(), curves.r_all_ci95, truth)
    yield from _controls(curves, truth)
    if null:
        yield GATE, "", float(np.isfinite(curves.cells_95))
        yield from _tests(curves)
    else:
        behind = curves.r.mean(axis=0)
        yield CELLS_95, "", Interval(curves.cells_95, *curves.cells_95_ci95, behind=behind)


def _controls(curves: CellCountCurves, truth: float) -> Iterator[Outcome]:
    """The gain over each control at 20 cells, which are among the counts."""
    for place in np.flatnonzero(curves.compared_cells == 20):
        ends = curves.compared_gain_low[place], curves.compared_gain_high[place]
        about = f"{curves.compared_with[place]}, 20 cells"
        yield COMPARED_GAIN, about, Interval.of(curves.compared_gain[place], ends, truth)


def _tests(curves: CellCountCurves) -> Iterator[Outcome]:
    yield MAX_GAIN, "", rejected(curves.max_gain_p)
    yield MAX_ALL, "", rejected(curves.p_max_all)
    yield RESPONSIVE_ALL, "", rejected(curves.p_responsive_all)
    yield HELDOUT_ALL, "", rejected(curves.p_heldout_all)
    for place in np.flatnonzero(curves.compared_cells == 20):
        yield COMPARED, str(curves.compared_with[place]), rejected(curves.compared_p[place])
    yield COMPARED_HOLM, "", any_rejected(curves.compared_p_holm)

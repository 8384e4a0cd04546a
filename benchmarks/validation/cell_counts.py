"""Cell counts: tests and intervals where responses know nothing, and where they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from measures import (
    AT_MOST,
    BY_CHOICE,
    COVERAGE,
    REJECTION,
    Interval,
    Quantity,
    any_rejected,
    rejected,
)
from study import Outcome

from twophoton_decode.analyses.cell_count.curves import cell_count_curves
from twophoton_decode.analyses.cell_count.enough import count_reaching, count_staying
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


def strong_count_of_mean_curve(found: Sequence[Interval]) -> float:
    """From how many strong cells on the curve averaged over all runs stays at 95 %."""
    return float(count_staying(np.mean([each.behind for each in found], axis=0)))


R_ALL = Quantity(
    ("r_all_ci95", "widening"), "interval of R from all cells holds the expected R", COVERAGE
)
CELLS_95 = Quantity(
    ("cells_95_ci95",), "interval of the 95 % count holds that of the mean curve of all runs",
    COVERAGE, count_of_mean_curve,
)  # fmt: skip
GATE = Quantity(("cells_95_ci95",), "a 95 % count is given where responses know nothing", AT_MOST)
MAX_GAIN = Quantity(("max_gain_p",), "Max. against wrong images, responses know nothing", REJECTION)
MAX_ALL = Quantity(
    ("p_max_all",),
    "Max. against All where responses know nothing: Max. is chosen on the scored image",
    BY_CHOICE,
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
SUFFICE = Quantity(
    ("suffice_p",), "20 cells said to suffice where responses know nothing, one-sided", REJECTION
)
MARGIN = Quantity(
    ("suffice_margin_low", "suffice_margin_high"),
    "interval of R of 20 cells less 95 % of R of all holds the expected one",
    COVERAGE,
)
STRONG = Quantity(
    ("strong_cells_ci95", "strong_cells"),
    "interval of the strongly responding cells holds that of the mean curve of all runs",
    COVERAGE,
    strong_count_of_mean_curve,
)
TOLD = Quantity(
    ("informative_cells_told", "informative_cells_ci95"),
    "a number of informative cells is told where responses know nothing",
    AT_MOST,
)
COUNT_TESTS = (
    GATE,
    MAX_GAIN,
    MAX_ALL,
    RESPONSIVE_ALL,
    HELDOUT_ALL,
    COMPARED,
    COMPARED_HOLM,
    SUFFICE,
    TOLD,
)
COUNTED = (R_ALL, COMPARED_GAIN, MARGIN)
COUNTS = (CELLS_95, STRONG)


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
        yield from of_counts(curves)


def of_counts(curves: CellCountCurves) -> Iterator[Outcome]:
    """The two counts of cells that reach 95 %, for the strongest and for the strong ones."""
    behind = curves.r.mean(axis=0)
    yield CELLS_95, "", Interval(curves.cells_95, *curves.cells_95_ci95, behind=behind)
    strong = curves.r_strong.mean(axis=0)
    yield STRONG, "", Interval(curves.strong_cells, *curves.strong_cells_ci95, behind=strong)


def _controls(curves: CellCountCurves, truth: float) -> Iterator[Outcome]:
    """The gain over each control, and the margin that is left, at 20 cells."""
    for place in np.flatnonzero(curves.compared_cells == 20):
        ends = curves.compared_gain_low[place], curves.compared_gain_high[place]
        about = f"{curves.compared_with[place]}, 20 cells"
        yield COMPARED_GAIN, about, Interval.of(curves.compared_gain[place], ends, truth)
    for place in np.flatnonzero(curves.suffice_cells == 20):
        ends = curves.suffice_margin_low[place], curves.suffice_margin_high[place]
        yield MARGIN, "", Interval.of(curves.suffice_margin[place], ends, truth)


def _tests(curves: CellCountCurves) -> Iterator[Outcome]:
    yield MAX_GAIN, "", rejected(curves.max_gain_p)
    yield MAX_ALL, "", rejected(curves.p_max_all)
    yield RESPONSIVE_ALL, "", rejected(curves.p_responsive_all)
    yield HELDOUT_ALL, "", rejected(curves.p_heldout_all)
    for place in np.flatnonzero(curves.compared_cells == 20):
        yield COMPARED, str(curves.compared_with[place]), rejected(curves.compared_p[place])
    yield COMPARED_HOLM, "", any_rejected(curves.compared_p_holm)
    for place in np.flatnonzero(curves.suffice_cells == 20):
        yield SUFFICE, "", rejected(curves.suffice_p[place])
    yield TOLD, "", float(curves.informative_cells_told)

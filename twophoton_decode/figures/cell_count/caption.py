"""What stands below the cell-count curve."""

from __future__ import annotations

import numpy as np

from twophoton_decode.figures.canvas.numbers import (
    count,
    counted,
    interval,
    number,
    p_value,
    percent,
    signed,
)
from twophoton_decode.figures.cell_count.how_many_cells import how_many_cells
from twophoton_decode.records import CellCountCurves


def last_count(curves: CellCountCurves) -> int:
    """The largest count of the paper's curve, without the leap from there to all cells."""
    leap = len(curves.cells) > 1 and curves.cells[-1] - curves.cells[-2] > 1
    return int(curves.cells[-1 - leap])


def curve_caption(curves: CellCountCurves) -> str:
    """Both answers, then what the paper's curve says beside them, with its tests."""
    parts = [
        how_many_cells(curves),
        "Bands and bars: standard error, widened since images train each other's decoders.",
        f"{_reached(curves)}; {_heldout(curves)}.",
        _sufficient(curves),
        "Omitted cells stand at zero, not at their training mean."
        if curves.omitted == "zero"
        else "",
        _predicted(curves),
        f"Resp. and Max. are unavailable: {curves.unavailable}"
        if curves.unavailable
        else _conditions(curves),
    ]
    return " ".join(filter(None, parts))


def _predicted(curves: CellCountCurves) -> str:
    if not curves.predicted:
        return ""
    rest = "responses of zero" if curves.omitted == "zero" else "the mean training response"
    return (
        f"{curves.decoder} is not affine: it predicted again at these "
        f"{len(curves.cells)} numbers of cells; every count is one of these. No cells give what it "
        f"predicts from {rest}, which need not be the mean training image."
    )


def _heldout(curves: CellCountCurves) -> str:
    told = (
        f"the held-out count, chosen for each image by the others, is "
        f"{counted(curves.median_of('cells_heldout'), 'cell')}{heldout_span(curves)}; "
        f"mean R at each image's own count is {number(curves.mean_of('r_heldout'))}"
    )
    if np.isfinite(curves.p_heldout_all):
        told += f" (against all cells {p_value(curves.p_heldout_all)})"
    return told


def heldout_span(curves: CellCountCurves) -> str:
    """That each image has a held-out count of its own, where they differ."""
    least, most = curves.cells_heldout_range
    return f" (median; {count(least)} to {count(most)})" if least < most else ""


def _sufficient(curves: CellCountCurves) -> str:
    """The test of "so many suffice" at the count nearest to the paper's 20."""
    cells, margin, p = curves.suffice_cells, curves.suffice_margin, curves.suffice_p
    if cells is None or margin is None or p is None or not len(cells):
        return ""
    near = int(np.abs(cells - 20).argmin())
    found, p_near = signed(float(margin[near]), 3), p_value(float(p[near]))
    return (
        f"Do few suffice? {counted(float(cells[near]), 'cell')} in that order: R less 95 % of that "
        f"of all cells {found}, test that this is above 0 {p_near}."
    )


def _conditions(curves: CellCountCurves) -> str:
    return (
        f"Are fewer cells better? In {counted(curves.counts['used'], 'image')}, the best count "
        "among "
        f"responsive cells (Max., {count(round(curves.mean_of('cells_max_used'), 1))} cells on "
        f"average) differs from all cells by {signed(curves.max_gain, 3)}, and by "
        f"{signed(curves.mean_of('max_gain_wrong'), 3)} for wrong images "
        f"({p_value(curves.max_gain_p)}). "
        f"Against all cells (R = {number(curves.mean_of('r_all_used'))} over these images), "
        f"Resp. differs by {signed(curves.mean_of('responsive_less_all'), 3)} "
        f"({p_value(curves.p_responsive_all)}); Max. "
        f"{p_value(curves.p_max_all)}, which flatters, since the count is chosen on the image "
        "that is scored."
    )


def _reached(curves: CellCountCurves) -> str:
    r_all, total = curves.mean_of("r_all"), int(curves.cells[-1])
    last = last_count(curves)
    if not np.isfinite(curves.cells_95):
        return (
            f"{'The only cell reaches' if total == 1 else f'All {total} cells reach'} R = "
            f"{number(r_all)} (95 % interval "
            f"{interval(curves.r_all_ci95)}), so the 95 % count is undefined"
        )
    if curves.cells_95 > last:
        return (
            f"In the paper's order, more than {last} of {counted(total, 'cell')} are needed for "
            f"95 % of the score of all cells, R = {number(r_all)}; the curves end there "
            "(largest_count)"
        )
    stays = (
        f"; the curve falls below again and is above for good only from "
        f"{count(curves.cells_95_stays)}"
        if curves.cells_95_stays > curves.cells_95
        else ""
    )
    rest = "zero" if curves.omitted == "zero" else "their mean"
    return (
        f"In the paper's order, omitted cells at {rest}, the first "
        f"{count(curves.cells_95)} of {counted(total, 'cell')} "
        f"({percent(curves.cells_95 / total)}; 95 % interval "
        f"{interval(curves.cells_95_ci95, 0)} cells) reach 95 % of the score of all cells, "
        f"R = {number(r_all)}{stays}"
    )

"""How few strongly responding cells give the picture of all cells."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.analyses.cell_count.order import ORDER
from twophoton_decode.records import CellCountCurves
from twophoton_decode.report import style
from twophoton_decode.report.drawing import Drawing, Table
from twophoton_decode.report.numbers import (
    count,
    counted,
    interval,
    mean,
    median,
    number,
    p_value,
    percent,
    signed,
    standard_error,
)

_COLOUR: Final = style.CONDITION_COLOUR


def cell_count_curve(curves: CellCountCurves) -> Drawing:
    """R against number of cells, and All, Resp. and Max. beside the same for wrong images.

    Bands and bars: mean over images ± standard error.
    """
    with style.applied():
        figure = style.figure(2.9)
        growth, conditions = figure.subplots(1, 2, width_ratios=(1.7, 1))
        _draw_growth(growth, curves)
        if curves.unavailable:
            style.say_unavailable(conditions, curves.unavailable)
        else:
            _draw_conditions(conditions, curves)
        handles, labels = growth.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    name = f"cell_count_{curves.decoder}"
    return Drawing(name, figure, _curve_caption(curves), _curve_table(curves))


def _draw_growth(axes: Axes, curves: CellCountCurves) -> None:
    images = len(curves.used)
    steps = _steps(curves)
    last = int(curves.cells[steps][-1])
    _band(
        axes, curves.cells[steps], curves.r_wrong[:, steps], _COLOUR["wrong image"], "wrong images"
    )
    _band(axes, curves.cells[steps], curves.r[:, steps], style.INK, f"all {images} images")
    if 0 < curves.used.sum() < images:
        label = f"{curves.used.sum()} images with ≥ {curves.minimum_responsive} responsive cells"
        selected = [mean(column) for column in curves.r[curves.used][:, steps].T]
        axes.plot(curves.cells[steps], selected, "--", lw=1, color=style.INK, label=label)
    if last < curves.cells[-1]:
        label = f"all {curves.cells[-1]} cells"
        axes.axhline(mean(curves.r_all), lw=1, ls=":", color=_COLOUR["All"], label=label)
    if not curves.unavailable:
        for name, x, y, marker in (
            ("All", np.full(images, curves.cells[-1]), curves.r_all, "o"),
            ("Resp.", curves.responsive_cells, curves.r_responsive, "s"),
            ("Max.", curves.cells_max, curves.r_max, "^"),
        ):
            x, y = x[curves.used], y[curves.used]
            axes.errorbar(
                mean(x),
                mean(y),
                standard_error(y),
                standard_error(x),
                marker,
                ms=5,
                lw=1,
                color=_COLOUR[name],
                mec=style.INK,
                mew=0.5,
                label=name,
                zorder=5,
            )
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.42 * (high - low), high)
    _mark_count(axes, 0.16, curves.cells_95, curves.cells_95_ci95, "95 % of All", last)
    held_out = median(curves.cells_heldout)
    _mark_count(axes, 0.03, held_out, (np.nan, np.nan), "held-out count", last)
    axes.set_xlim(0, last * 1.02)
    axes.set_xlabel(f"Number of cells, {ORDER}")
    axes.set_ylabel("R per trial (mean training image subtracted)")
    axes.set_title(f"{curves.decoder}: score against number of cells")


def _steps(curves: CellCountCurves) -> slice:
    """The counts without the leap from the largest one to all cells, where there is one."""
    leap = len(curves.cells) > 1 and curves.cells[-1] - curves.cells[-2] > 1
    return slice(0, len(curves.cells) - leap)


def _band(axes: Axes, x: np.ndarray, values: np.ndarray, colour: str, label: str) -> None:
    middle = np.array([mean(column) for column in values.T])
    error = np.array([standard_error(column) for column in values.T])
    axes.fill_between(x, middle - error, middle + error, color=colour, alpha=0.2, lw=0)
    axes.plot(x, middle, color=colour, label=label)


def _mark_count(
    axes: Axes, height: float, cells: float, ends: tuple[float, float], what: str, last: int
) -> None:
    """A count of cells with its interval, in the free strip under the curves."""
    if not np.isfinite(cells):
        return
    across = axes.get_xaxis_transform()
    axes.plot(ends, (height, height), color=style.INK, lw=1.2, transform=across)
    axes.plot(cells, height, "|", ms=7, mew=1.6, color=style.INK, transform=across)
    axes.annotate(
        f"{what}: {counted(cells, 'cell')}" if cells <= last else f"{what}: more than {last} cells",
        (min(cells, last), height),
        (0, 5),
        xycoords=across,
        textcoords="offset points",
        ha="left" if cells < 0.5 * last else "right",
        fontsize=style.SMALL_PT + 0.5,
    )


def _draw_conditions(axes: Axes, curves: CellCountCurves) -> None:
    used = curves.used
    own = [curves.r_all[used], curves.r_responsive[used], curves.r_max[used]]
    wrong = [curves.r_all_wrong[used], curves.r_responsive_wrong[used], curves.r_max_wrong[used]]
    axes.plot(range(3), np.array(own), color=style.FAINT, lw=0.4, alpha=0.7, zorder=0)
    for place, (name, true, false) in enumerate(zip(_COLOUR, own, wrong, strict=False)):
        for values, colour in ((true, _COLOUR[name]), (false, _COLOUR["wrong image"])):
            axes.errorbar(
                place,
                mean(values),
                standard_error(values),
                fmt="o",
                ms=5,
                color=colour,
                mec=style.INK,
                mew=0.5,
            )
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xticks(range(3), ["All", "Resp.", "Max."])
    axes.set_xlim(-0.5, 2.5)
    axes.set_ylabel("R per trial")
    axes.set_title(f"Conditions, {counted(used.sum(), 'image')}")


def _curve_table(curves: CellCountCurves) -> Table:
    return {
        "cells": curves.cells,
        "r_mean": [mean(column) for column in curves.r.T],
        "r_se": [standard_error(column) for column in curves.r.T],
        "r_wrong_mean": [mean(column) for column in curves.r_wrong.T],
        "r_wrong_se": [standard_error(column) for column in curves.r_wrong.T],
        "image": np.arange(len(curves.used)),
        "used": curves.used,
        "responsive_cells": curves.responsive_cells,
        "r_all": curves.r_all,
        "r_responsive": curves.r_responsive,
        "r_max": curves.r_max,
        "cells_max": curves.cells_max,
        "r_all_wrong": curves.r_all_wrong,
        "r_responsive_wrong": curves.r_responsive_wrong,
        "r_max_wrong": curves.r_max_wrong,
        "cells_heldout": curves.cells_heldout,
        "r_heldout": curves.r_heldout,
    }


def _curve_caption(curves: CellCountCurves) -> str:
    held_out = (
        f"the held-out count is {counted(median(curves.cells_heldout), 'cell')} "
        f"(R = {number(mean(curves.r_heldout))}"
    )
    if np.isfinite(curves.p_heldout_all):
        held_out += f"; against all cells {p_value(curves.p_heldout_all)}"
    held_out += ")"
    start = f"{_reached(curves)}; {held_out}."
    zero = " Omitted cells stand at zero, not at their training mean."
    start += zero if curves.omitted == "zero" else ""
    if curves.unavailable:
        return f"{start} Resp. and Max. are unavailable: {curves.unavailable}"
    return (
        f"{start} In {counted(curves.used.sum(), 'image')}, the best count among "
        f"responsive cells (Max., {count(round(mean(curves.cells_max[curves.used]), 1))} cells on "
        f"average) differs from all cells by {signed(curves.max_gain, 3)}, and by "
        f"{signed(mean(curves.max_gain_wrong), 3)} for wrong images "
        f"({p_value(curves.max_gain_p)}). "
        "Signed-rank tests over these images against all cells: Resp. "
        f"{p_value(curves.p_responsive_all)}, Max. {p_value(curves.p_max_all)}; that of Max. "
        "flatters, since the count is chosen on the image that is scored."
    )


def _reached(curves: CellCountCurves) -> str:
    r_all, total = mean(curves.r_all), int(curves.cells[-1])
    last = int(curves.cells[_steps(curves)][-1])
    if not np.isfinite(curves.cells_95):
        return (
            f"All {counted(total, 'cell')} reach R = {number(r_all)} (95 % interval "
            f"{interval(curves.r_all_ci95)}), so the 95 % count is undefined"
        )
    if curves.cells_95 > last:
        return (
            f"More than {last} of {counted(total, 'cell')} are needed for 95 % of the score of all "
            f"cells, R = {number(r_all)}; the curves end there (largest_count)"
        )
    return (
        f"{count(curves.cells_95)} of {counted(total, 'cell')} "
        f"({percent(curves.cells_95 / total)}; 95 % interval "
        f"{interval(curves.cells_95_ci95, 0)} cells) give 95 % of the score of all cells, "
        f"R = {number(r_all)}"
    )

"""The cells that enter first against as many others, and decoders refitted to less."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, StrMethodFormatter

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import (
    counted,
    interval,
    number,
    p_value,
    signed,
)
from twophoton_decode.figures.cell_count.learning import (
    draw_learning,
    learning_in_words,
    learning_table,
)
from twophoton_decode.records import CellCountCurves
from twophoton_decode.records.table import Column

_ORDERS: Final = {
    "strongest": ("", style.INK, "-"),  # named by `_order`
    "other": ("the same by the other trials", style.INK, ":"),
    "contribution": ("largest contribution first", style.CONDITION_COLOUR["Max."], "-"),
    "random": ("random cells", style.RANDOM_COLOUR, "-."),
    "weakest": ("the reverse order", style.CONDITION_COLOUR["All"], "-"),
    "all": ("all cells", style.RECONSTRUCTION_COLOUR, "--"),
}

_FACTOR_APART: Final = 1.35
_NOT_COMPARED: Final = "no number in compared_counts lies on the curves"


def cell_controls(curves: CellCountCurves) -> Drawing:
    """R from as many cells chosen otherwise, and the paired differences at some counts.

    Left: mean over images; random cells with the range of 95 % of the draws. Right: R of the
    first cells less R of each control, with widened 95 % intervals over images.
    """
    name = f"cell_controls_{curves.decoder}"
    if int(curves.cells[-1]) < 2:
        return _without_choice(name)
    with style.applied():
        figure = style.figure(2.9)
        orders, gains = figure.subplots(1, 2, width_ratios=(1.25, 1))
        style.letter_panels(orders, gains)
        draw_orders(orders, curves)
        _draw_gains(gains, curves)
        handles, labels = orders.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
    more = {"comparisons": _comparisons_table(curves)}
    return Drawing(name, figure, _controls_caption(curves), orders_table(curves), more)


def _without_choice(name: str) -> Drawing:
    reason = "a single cell leaves no choice of cells"
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing(name, figure, f"Comparing choices of cells is unavailable: {reason}.")


def draw_orders(axes: Axes, curves: CellCountCurves) -> None:
    """R against the number of cells for each order in which cells can enter."""
    cells = curves.cells[1:]
    _, colour, _ = _ORDERS["random"]
    axes.fill_between(
        cells, curves.random_low[1:], curves.random_high[1:], color=colour, alpha=0.3, lw=0
    )
    for key, values in _by_order(curves).items():
        label, colour, line = _ORDERS[key]
        label = curves.order if key == "strongest" else label
        if np.isfinite(values).any():
            axes.plot(cells, values[1:], line, color=colour, label=label)
    label, colour, line = _ORDERS["all"]
    axes.axhline(curves.mean_of("r_all"), color=colour, ls=line, label=label, zorder=0)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    _count_axis(axes, int(cells[-1]))
    axes.set_ylabel("R per trial\n(mean training image subtracted)")
    axes.set_title(f"{curves.decoder}: which cells?")


def _order_explained(curves: CellCountCurves) -> str:
    some = curves.responsive_cells.any()
    return "responsive cells before the others, both " if some else ""


def _by_order(curves: CellCountCurves) -> dict[str, np.ndarray]:
    """The mean curve of each order of cells."""
    names = curves.curve_name.tolist()
    return {key: curves.curve_mean[names.index(key)] for key in _ORDERS if key in names}


def _draw_gains(axes: Axes, curves: CellCountCurves) -> None:
    counts = np.unique(curves.compared_cells)
    if not len(counts):
        style.say_unavailable(axes, _NOT_COMPARED, 30)
        return
    names = list(dict.fromkeys(curves.compared_with.tolist()))
    for place, name in enumerate(names):
        rows = curves.compared_with == name
        colour = _ORDERS[name][1]
        # Side by side, by a factor: the axis is logarithmic, as that of the curves.
        at = curves.compared_cells[rows] * 1.06 ** (place - (len(names) - 1) / 2)
        gain = curves.compared_gain[rows]
        error = gain - curves.compared_gain_low[rows], curves.compared_gain_high[rows] - gain
        clear = curves.compared_p_holm[rows] < 0.05
        axes.errorbar(at, gain, np.abs(error), fmt="none", ecolor=colour, lw=1)
        faces = [colour if each else "white" for each in clear]
        axes.scatter(at, gain, 16, faces, edgecolors=colour, linewidths=0.8, zorder=3)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xscale("log")
    axes.set_xticks(*_apart(counts))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("Number of cells")
    axes.set_ylabel("R of the first cells less control")
    axes.set_title("Paired over images; filled: p < 0.05")


def _apart(counts: np.ndarray) -> tuple[list[int], list[str]]:
    """Ticks at all counts, with the numbers of those that do not touch the one before."""
    ticks, labels, last = [int(n) for n in counts], [], 0.0
    for n in ticks:
        far = n >= _FACTOR_APART * last
        labels.append(str(n) if far else "")
        last = n if far else last
    return ticks, labels


def _count_axis(axes: Axes, largest: int) -> None:
    axes.set_xscale("log")
    axes.set_xlim(1, largest)
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    # Below ten cells the powers of ten between the ends are too few ticks.
    axes.xaxis.set_minor_formatter(StrMethodFormatter("{x:g}") if largest < 10 else NullFormatter())
    axes.set_xlabel("Number of cells")


def _controls_caption(curves: CellCountCurves) -> str:
    intro = (
        f"Reconstruction by {curves.decoder} from cells chosen in different ways, fitted to all "
        f"cells; {len(curves.r_random_draw)} draws of random cells; {curves.order}: "
        f"{_order_explained(curves)}by the response of the scored trial; the reverse order: the "
        "cells that are left when those are removed. "
    )
    if not len(curves.compared_cells):
        return f"{intro}Tests are unavailable: {_NOT_COMPARED}."
    near = curves.compared_cells[np.abs(curves.compared_cells - 20).argmin()]
    parts = []
    for row in np.flatnonzero(curves.compared_cells == near):
        label = _ORDERS[str(curves.compared_with[row])][0]
        ends = (float(curves.compared_gain_low[row]), float(curves.compared_gain_high[row]))
        parts.append(
            f"{label} by {signed(float(curves.compared_gain[row]), 3)} (95 % interval "
            f"{interval(ends, 3)}, {p_value(float(curves.compared_p_holm[row]))}, rank-biserial "
            f"{number(float(curves.compared_effect[row]))})"
        )
    return (
        f"{intro}At {counted(int(near), 'cell')}, that order differs from {'; '.join(parts)}. "
        f"Two-sided t tests over {counted(len(curves.r), 'image')}, widened since they train each "
        f"other's decoders, p corrected after Holm for {len(curves.compared_p)} "
        "comparisons, intervals not: one that leaves out 0 can belong to an open marker."
    )


def orders_table(curves: CellCountCurves) -> dict[str, Column]:
    """A row a number of cells: the mean curve of each order."""
    table: dict[str, Column] = {"cells": curves.cells}
    table |= {f"r_{key}_mean": values for key, values in _by_order(curves).items()}
    table["r_random_low"], table["r_random_high"] = curves.random_low, curves.random_high
    return table


def _comparisons_table(curves: CellCountCurves) -> dict[str, Column]:
    """A row a control and number of cells: paired differences."""
    names = [name for name, _ in curves.arrays() if name.startswith("compared_")]
    return {name: getattr(curves, name) for name in names}


def cell_refits(curves: CellCountCurves) -> Drawing:
    """Decoders refitted to few cells, to few training images, and to few repeats.

    Bands and bars: mean over images ± standard error.
    """
    with style.applied():
        figure = style.figure(2.9)
        few_cells, few_images, few_repeats = figure.subplots(1, 3, width_ratios=(1.6, 1, 1))
        style.letter_panels(few_cells, few_images, few_repeats)
        _draw_refits(few_cells, curves)
        draw_learning(few_images, curves, "images")
        draw_learning(few_repeats, curves, "repeats")
    table: dict[str, Column] = {
        "cells": curves.refitted_cells,
        "r_refitted_mean": curves.refitted_mean,
        "cd_refitted_mean": curves.refitted_cd_mean,
        "r_fixed_mean": curves.fixed_mean,
    }
    name, more = f"cell_refits_{curves.decoder}", {"training": learning_table(curves)}
    return Drawing(name, figure, _refits_caption(curves), table, more)


def _draw_refits(axes: Axes, curves: CellCountCurves) -> None:
    last = len(curves.refitted_cells)
    if not last:
        style.say_unavailable(axes, curves.not_refitted or "refitted_count = 0", 40)
        return
    own = style.decoder_colour(curves.decoder)
    for middle, error, colour, label in (
        (curves.fixed_mean, curves.fixed_error, style.INK, "weights of all cells"),
        (curves.refitted_mean, curves.refitted_error, own, "refitted to these cells"),
    ):
        x = np.arange(len(middle))
        axes.fill_between(x, middle - error, middle + error, color=colour, alpha=0.2, lw=0)
        axes.plot(x, middle, color=colour, label=label)
    axes.axhline(curves.mean_of("r_all"), color=style.FAINT, ls="--", label="all cells")
    axes.set_xlim(0, last - 1)
    axes.set_xlabel(f"Number of cells, {curves.order}")
    axes.set_ylabel("R per trial")
    axes.set_title(f"{curves.decoder}: refitted to few cells")
    style.legend_below(axes)


def _refits_caption(curves: CellCountCurves) -> str:
    if curves.not_refitted:
        return f"Refitted and learning curves are unavailable: {curves.not_refitted}"
    parts = []
    if len(curves.refitted_cells):
        n = int(curves.refitted_cells[min(20, len(curves.refitted_cells) - 1)])
        parts.append(
            f"With the first {counted(n, 'cell')}, weights refitted to them give R = "
            f"{number(curves.refitted_mean[n])} and those of all cells "
            f"{number(curves.fixed_mean[n])}; all cells give {number(curves.mean_of('r_all'))}"
        )
    parts += learning_in_words(curves)
    return ". ".join(parts) + "." if parts else "No refits were asked for."

"""Do few strongly responding cells suffice for every decoder, deep ones too?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import StrMethodFormatter

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import count, interval, number
from twophoton_decode.figures.cell_count.how_many_cells import OTHERS
from twophoton_decode.records import CellCountCurves
from twophoton_decode.records.table import Table

LANDMARK: Final = 20
"""Cells that the paper names."""


def few_cells_by_decoder(curves: Mapping[str, CellCountCurves]) -> Drawing:
    """R from the strongest responses, and how many of them give 95 % of R, decoder by decoder.

    Left: mean over images ± standard error, widened since images train each other's decoders.
    Right: the counts with their 95 % intervals.
    """
    with style.applied():
        figure = style.figure(2.4 + 0.12 * len(curves))
        growth, counts = figure.subplots(1, 2, width_ratios=(1.5, 1))
        style.letter_panels(growth, counts)
        for row, (name, each) in enumerate(curves.items()):
            _draw_growth(growth, name, each)
            _draw_count(counts, row, name, each)
        _finish(growth, counts, list(curves))
        handles, labels = growth.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 6))
    return Drawing("few_cells_by_decoder", figure, _caption(curves), _table(curves))


def _draw_growth(axes: Axes, name: str, curves: CellCountCurves) -> None:
    x, middle, error = _strong(curves)
    colour = style.decoder_colour(name)
    axes.fill_between(x, middle - error, middle + error, color=colour, alpha=0.2, lw=0)
    marker = "o-" if curves.predicted else "-"
    axes.plot(x, middle, marker, ms=2.5, lw=1, color=colour, label=name)


def _draw_count(axes: Axes, row: int, name: str, curves: CellCountCurves) -> None:
    colour, cells = style.decoder_colour(name), curves.strong_cells
    if not _is_counted(curves):
        axes.text(1, row, "cannot be told", va="center", fontsize=style.SMALL_PT, color=colour)
        return
    axes.plot(np.maximum(curves.strong_cells_ci95, 1), (row, row), color=colour, lw=1.8)
    axes.plot(max(cells, 1), row, "o", ms=4, color=colour)
    axes.annotate(
        count(cells), (max(cells, 1), row), (0, 4), textcoords="offset points", ha="center",
        fontsize=style.SMALL_PT, color=colour,
    )  # fmt: skip


def _finish(growth: Axes, counts: Axes, names: list[str]) -> None:
    for axes in (growth, counts):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
        axes.axvline(LANDMARK, color=style.FAINT, lw=0.8, ls=":", zorder=0)
    counts.set_xlim(growth.get_xlim())
    growth.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    growth.set_xlabel("Number of strongest responses")
    growth.set_ylabel("R per trial (m subtracted)")
    growth.set_title("Strongest cells, others known to respond less")
    counts.set_xlabel("Number of strongest responses")
    counts.set_title("For 95 % of R from all cells")
    counts.set_yticks(range(len(names)), names)
    counts.set_ylim(len(names) - 0.5, -0.7)


def _strong(curves: CellCountCurves) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Counts from 1 on, mean R and its standard error."""
    assert curves.strong_count is not None
    some = curves.strong_count > 0
    return curves.strong_count[some], curves.strong_mean[some], curves.strong_error[some]


def _is_counted(curves: CellCountCurves) -> bool:
    return bool(np.isfinite(curves.strong_cells) and curves.r_all_ci95[0] > 0)


def _caption(curves: Mapping[str, CellCountCurves]) -> str:
    told = "; ".join(_told(name, each) for name, each in curves.items())
    predicted = [name for name, each in curves.items() if each.predicted]
    grid = (
        f" {', '.join(predicted)} predicted again at the counts marked by points, so that a count "
        "can be no finer than these."
        if predicted
        else ""
    )
    return (
        "How many of the strongest responses of a presentation give at least 95 % of R from all "
        f"cells, by decoder: {told}. Here, {OTHERS}.{grid} Dotted: {LANDMARK} cells. Decoders are "
        "not tested against each other here; intervals that overlap show no difference."
    )


def _told(name: str, curves: CellCountCurves) -> str:
    r_all, total = number(curves.mean_of("r_all")), int(curves.cells[-1])
    if not _is_counted(curves):
        return f"{name}, cannot be told (R from all {total} cells is {r_all})"
    limits = interval(curves.strong_cells_ci95, 0)
    return f"{name}, {count(curves.strong_cells)} of {total} ({limits}; R from all is {r_all})"


def _table(curves: Mapping[str, CellCountCurves]) -> Table:
    """A row a decoder and count."""
    parts = {name: _strong(each) for name, each in curves.items()}
    names = np.concatenate([np.repeat(name, len(part[0])) for name, part in parts.items()])
    cells, mean, error = (np.concatenate(each) for each in zip(*parts.values(), strict=True))
    return {"decoder": names, "strongest_cells": cells, "r_mean": mean, "r_se": error}

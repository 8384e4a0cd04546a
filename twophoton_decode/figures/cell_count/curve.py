"""How few strongly responding cells give the picture of all cells."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import count, counted
from twophoton_decode.figures.cell_count.caption import curve_caption, heldout_span, last_count
from twophoton_decode.records import CellCountCurves
from twophoton_decode.records.table import Table

_COLOUR: Final = style.CONDITION_COLOUR
_INFORMATIVE: Final = style.RESPONSE_COLOUR
_STRONG: Final = style.RECONSTRUCTION_COLOUR
_NONE: Final = (np.nan, np.nan)
_MOST_ANSWERS: Final = 4


def cell_count_curve(curves: CellCountCurves) -> Drawing:
    """R against number of cells with both answers, and All, Resp. and Max. beside wrong images.

    Bands and bars: mean over images ± standard error, widened since images train each
    other's decoders.
    """
    with style.applied():
        figure = style.figure(3.9)
        grid = figure.add_gridspec(2, 2, width_ratios=(1.7, 1), height_ratios=(1, 0.5))
        growth, conditions = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[:, 1])
        draw_growth(growth, curves)
        draw_answers(figure.add_subplot(grid[1, 0], sharex=growth), curves)
        if curves.unavailable:
            style.say_unavailable(conditions, curves.unavailable)
        else:
            draw_conditions(conditions, curves)
        style.letter_panels(growth, conditions)
        handles, labels = growth.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=3)
    name = f"cell_count_{curves.decoder}"
    more = {"strongest": _strong_table(curves), "images": _image_table(curves)}
    return Drawing(name, figure, curve_caption(curves), _curve_table(curves), more)


def draw_growth(axes: Axes, curves: CellCountCurves) -> None:
    """R against the number of cells, and All, Resp. and Max. at their mean counts."""
    images, last = len(curves.used), last_count(curves)
    steps = curves.cells <= last
    cells = curves.cells[steps]
    _band(axes, cells, *_curve(curves, "wrong", steps), _COLOUR["wrong image"], "wrong images")
    if curves.strong_count is not None and curves.strong_mean.size:
        strong = curves.strong_count <= last
        label = "strongest cells, others known to respond less"
        shown = curves.strong_mean[strong], curves.strong_error[strong]
        _band(axes, curves.strong_count[strong], *shown, _STRONG, label)
    label = f"paper's order, others at their mean ({images} images)"
    _band(axes, cells, *_curve(curves, "strongest", steps), style.INK, label)
    if 0 < curves.used.sum() < images:
        who = counted(curves.used.sum(), "image")
        label = f"{who} with ≥ {curves.minimum_responsive} responsive cells"
        selected, _ = _curve(curves, "selected", steps)
        axes.plot(cells, selected, "--", lw=1, color=style.INK, label=label)
    if last < curves.cells[-1]:
        label = f"all {curves.cells[-1]} cells"
        axes.axhline(curves.mean_of("r_all"), lw=1, ls=":", color=_COLOUR["All"], label=label)
    if not curves.unavailable:
        _draw_means(axes, curves)
    axes.set_xlim(0, last * 1.02)
    axes.tick_params(labelbottom=False)
    axes.set_ylabel("R per trial (m subtracted)")
    axes.set_title(f"{curves.decoder}: score against number of cells")


def _draw_means(axes: Axes, curves: CellCountCurves) -> None:
    """All, Resp. and Max. at their mean numbers of cells, over the selected images."""
    which = "" if curves.used.all() else f", {counted(curves.used.sum(), 'image')}"
    for place, (name, marker) in enumerate(zip(curves.condition_name, "os^", strict=True)):
        axes.errorbar(
            curves.condition_cells[place],
            curves.condition_mean[place],
            curves.condition_error[place],
            curves.condition_cells_error[place],
            marker,
            ms=5,
            lw=1,
            color=_COLOUR[name],
            mec=style.INK,
            mew=0.5,
            label=f"{name}{which}",
            zorder=5,
        )


def draw_answers(axes: Axes, curves: CellCountCurves) -> None:
    """Every count with its interval, below the curves that it is read from."""
    last = last_count(curves)
    for row, (what, cells, ends, colour) in enumerate(_answers(curves)):
        _mark_count(axes, row, cells, ends, what, last, colour)
    axes.set_xlim(0, last * 1.02)
    axes.set_ylim(_MOST_ANSWERS - 0.4, -1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"Number of cells (paper's order: {curves.order})")


def _answers(curves: CellCountCurves) -> list[tuple[str, float, tuple[float, float], str]]:
    """What is counted, how many, the interval, and the colour, of the counts that there are."""
    told = curves.informative_cells if curves.informative_cells_told else np.nan
    marks = (
        ("can be shown to carry the picture", told, curves.informative_cells_ci95, _INFORMATIVE),
        (
            "strongest give 95 % of all cells' R",
            curves.strong_cells,
            curves.strong_cells_ci95,
            _STRONG,
        ),
        ("paper's order: first with 95 %", curves.cells_95, curves.cells_95_ci95, style.INK),
        (
            f"paper's order: held-out count{heldout_span(curves)}",
            curves.median_of("cells_heldout"),
            _NONE,
            style.INK,
        ),
    )
    return [mark for mark in marks if np.isfinite(mark[1])]


def _curve(curves: CellCountCurves, name: str, steps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean over images of a curve and its standard error, at some counts."""
    place = curves.curve_name.tolist().index(name)
    return curves.curve_mean[place, steps], curves.curve_error[place, steps]


def _band(
    axes: Axes, x: np.ndarray, middle: np.ndarray, error: np.ndarray, colour: str, label: str
) -> None:
    axes.fill_between(x, middle - error, middle + error, color=colour, alpha=0.2, lw=0)
    axes.plot(x, middle, color=colour, label=label)


def _mark_count(
    axes: Axes,
    row: int,
    cells: float,
    ends: tuple[float, float],
    what: str,
    last: int,
    colour: str,
) -> None:
    """A count of cells with its interval, and what it counts above it."""
    axes.plot(ends, (row, row), color=colour, lw=1.8)
    axes.plot(cells, row, "|", ms=7, mew=1.8, color=colour)
    axes.annotate(
        f"{count(cells)} {what}" if cells <= last else f"more than {last} {what}",
        (min(cells, last), row),
        (3 if cells < 0.5 * last else -3, 4),
        textcoords="offset points",
        ha="left" if cells < 0.5 * last else "right",
        fontsize=style.SMALL_PT + 0.5,
        color=colour,
    )


def draw_conditions(axes: Axes, curves: CellCountCurves) -> None:
    """All, Resp. and Max., a line an image, beside wrong images."""
    used = curves.used
    own = [curves.r_all[used], curves.r_responsive[used], curves.r_max[used]]
    axes.plot(range(3), np.array(own), color=style.FAINT, lw=0.4, alpha=0.7, zorder=0)
    true = curves.condition_mean, curves.condition_error
    false = curves.condition_wrong_mean, curves.condition_wrong_error
    for place, name in enumerate(curves.condition_name):
        for (means, errors), colour in ((true, _COLOUR[name]), (false, _COLOUR["wrong image"])):
            axes.errorbar(
                place,
                means[place],
                errors[place],
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


def growth_table(curves: CellCountCurves) -> Table:
    """A row a curve and number of cells: mean over images and standard error."""
    every = np.ones(len(curves.cells), dtype=bool)
    parts = {
        "paper's order": (curves.cells, *_curve(curves, "strongest", every)),
        "wrong images": (curves.cells, *_curve(curves, "wrong", every)),
    }
    if curves.strong_count is not None:
        parts["strongest"] = (curves.strong_count, curves.strong_mean, curves.strong_error)
    cells, means, errors = (np.concatenate(each) for each in zip(*parts.values(), strict=True))
    names = np.repeat(list(parts), [len(each[0]) for each in parts.values()])
    return {"curve": names, "cells": cells, "r_mean": means, "r_se": errors}


def answers_table(curves: CellCountCurves) -> Table:
    """A row an answer: how many cells, and the interval where there is one."""
    shown = _answers(curves)
    return {
        "what": [what for what, _, _, _ in shown],
        "cells": [cells for _, cells, _, _ in shown],
        "ci95_low": [ends[0] for _, _, ends, _ in shown],
        "ci95_high": [ends[1] for _, _, ends, _ in shown],
    }


def conditions_table(curves: CellCountCurves) -> Table:
    """A row an image and condition, of the images that are used."""
    used = np.flatnonzero(curves.used)
    own = {"All": curves.r_all, "Resp.": curves.r_responsive, "Max.": curves.r_max}
    wrong = (curves.r_all_wrong, curves.r_responsive_wrong, curves.r_max_wrong)
    return {
        "image": np.tile(used, len(own)),
        "condition": np.repeat(list(own), len(used)),
        "r": np.concatenate([each[used] for each in own.values()]),
        "r_wrong_images": np.concatenate([each[used] for each in wrong]),
    }


def _curve_table(curves: CellCountCurves) -> Table:
    """A row a number of cells: the curves with their standard errors."""
    every = np.ones(len(curves.cells), dtype=bool)
    own, own_error = _curve(curves, "strongest", every)
    wrong, wrong_error = _curve(curves, "wrong", every)
    return {
        "cells": curves.cells,
        "r_mean": own,
        "r_se": own_error,
        "r_wrong_mean": wrong,
        "r_wrong_se": wrong_error,
    }


def _strong_table(curves: CellCountCurves) -> Table:
    """A row a number of strongest cells, the others known only to respond less."""
    return {
        "strongest_cells": [] if curves.strong_count is None else curves.strong_count,
        "r_strong_mean": curves.strong_mean,
        "r_strong_se": curves.strong_error,
    }


def _image_table(curves: CellCountCurves) -> Table:
    """A row an image: the conditions."""
    names = (
        "used", "responsive_cells", "r_all", "r_responsive", "r_max", "cells_max", "r_all_wrong",
        "r_responsive_wrong", "r_max_wrong", "cells_heldout", "r_heldout",
    )  # fmt: skip
    images = {name: getattr(curves, name) for name in names}
    return {"image": np.arange(len(curves.used)), **images}

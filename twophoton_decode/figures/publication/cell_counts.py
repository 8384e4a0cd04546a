"""The paper's figure 4: how few strongly responding cells are enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.gallery import Row
from twophoton_decode.figures.canvas.numbers import count, counted, number
from twophoton_decode.figures.cell_count.caption import curve_caption
from twophoton_decode.figures.cell_count.controls import draw_orders, orders_table
from twophoton_decode.figures.cell_count.curve import (
    answers_table,
    conditions_table,
    draw_answers,
    draw_conditions,
    draw_growth,
    growth_table,
)
from twophoton_decode.figures.cell_count.learning import (
    draw_learning,
    learning_in_words,
    learning_table,
)
from twophoton_decode.figures.publication.panels import Composed, Panel
from twophoton_decode.figures.publication.pictures import picture_rows
from twophoton_decode.records import CellCountCurves, Reconstruction
from twophoton_decode.records.table import Table

_SHOWN: Final = 5


def cell_counts_figure(made: Reconstruction, curves: CellCountCurves) -> Composed:
    """Pictures from few cells, the curve and what it answers, conditions, controls, training."""
    panels = []
    if curves.example_image.size:
        panels.append(_pictures(made, curves))
    panels += [
        _of_one("growth", "Score against number of cells", _growth, curves, growth_table(curves),
                89, 70),
        _of_one("answers", "How many cells?", draw_answers, curves, answers_table(curves), 89, 42),
    ]  # fmt: skip
    said = [f"{curves.decoder}. {curve_caption(curves)}"]
    if not curves.unavailable:
        panels.append(
            _of_one("conditions", "Conditions", draw_conditions, curves, conditions_table(curves))
        )
    if int(curves.cells[-1]) > 1:
        table = orders_table(curves)
        panels.append(_of_one("order", "Which cells?", _orders, curves, table, 60, 66))
    if curves.learning_images.size:
        panels += [_learning(curves, what) for what in ("images", "repeats")]
        said += [f"{each}." for each in learning_in_words(curves)]
    return Composed(f"4_cell_counts_{curves.decoder}", panels, " ".join(said))


def _of_one(
    name: str,
    heading: str,
    draw: Callable[[Axes, CellCountCurves], None],
    curves: CellCountCurves,
    table: Table,
    wide_mm: float = 44,
    tall_mm: float = 44,
) -> Panel:
    """A panel of one pair of axes."""
    return Panel(name, heading, lambda part: draw(part.subplots(), curves), table, wide_mm, tall_mm)


def _growth(axes: Axes, curves: CellCountCurves) -> None:
    draw_growth(axes, curves)
    axes.tick_params(labelbottom=True)
    axes.set_xlabel("Number of cells")
    style.legend_below(axes, ncols=1)


def _orders(axes: Axes, curves: CellCountCurves) -> None:
    draw_orders(axes, curves)
    axes.set_ylabel("R per trial")
    style.legend_below(axes, ncols=1)


def _learning(curves: CellCountCurves, what: str) -> Panel:
    def draw(part: SubFigure) -> None:
        axes = part.subplots()
        draw_learning(axes, curves, what)
        axes.set_ylabel("R per trial")

    return Panel(f"fewer_{what}", f"Fewer {what}", draw, learning_table(curves))


def _pictures(made: Reconstruction, curves: CellCountCurves) -> Panel:
    """Examples from most to fewest responsive cells, from each choice of cells."""
    examples = len(curves.example_image)
    places = np.unique(np.linspace(0, examples - 1, _SHOWN).round().astype(int))
    chosen = curves.example_image[places]
    rows = [Row("shown", made.picture[chosen])]
    for choice, label in enumerate(curves.choice_name):
        cells, r = curves.choice_cells[choice, places], curves.choice_r[choice, places]
        notes = [f"{number(score)}, {count(round(n))}" for score, n in zip(r, cells, strict=True)]
        rows.append(Row(str(label), curves.choice_picture[choice][places], notes))
    table: Table = {
        "image": np.tile(chosen, len(curves.choice_name)),
        "image_name": [str(made.image_name[i]) for i in chosen] * len(curves.choice_name),
        "cells_used": np.repeat(curves.choice_name, len(chosen)),
        "number_of_cells": curves.choice_cells[:, places].ravel(),
        "r": curves.choice_r[:, places].ravel(),
    }
    height, width = made.picture.shape[1:]
    return Panel(
        "pictures", f"{counted(len(chosen), 'image')} (number: R, cells)",
        lambda part: _draw_pictures(part, rows), table, 89, 2 + 4 * len(rows),
        0.8 * len(rows) * height / width / len(chosen),
    )  # fmt: skip


def _draw_pictures(part: SubFigure, rows: list[Row]) -> None:
    picture_rows(part, rows)

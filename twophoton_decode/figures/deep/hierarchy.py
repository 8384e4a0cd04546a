"""Hierarchy scores of networks beside random weights and orders, and against accuracy."""

from __future__ import annotations

from math import factorial, log2
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import interval, number, p_value
from twophoton_decode.figures.deep.layers import COLOUR
from twophoton_decode.records.deep.hierarchy_scores import HierarchyScores
from twophoton_decode.records.table import Table

_MOST_NAMED: Final = 8
"""Networks that panels and sentence name one by one."""
_CORNERS: Final = ((1, 1), (-1, -1), (-1, 1), (1, -1))
_POPULATIONS: Final = (
    "#440154", "#3b528b", "#21918c", "#5ec962", "#fde725", "#f89540", "#cc4778", "#7e03a8",
)  # fmt: skip


def hierarchy_figure(found: HierarchyScores) -> Drawing:
    """Scores with their nulls, which population decodes each layer best, score and accuracy.

    Above eight networks, scores take the whole height, and networks have numbers.
    """
    with style.applied():
        panels = _panels(found)
        figure = panels[0].get_figure(root=True)
        assert figure is not None
        style.letter_panels(*panels)
        _draw_scores(panels[0], found)
        _draw_best(panels[1], found)
        _draw_accuracy(panels[2], found)
        (marks, names), (bars, populations) = (
            panel.get_legend_handles_labels() for panel in panels[:2]
        )
        figure.legend([*marks, *bars], [*names, *populations], loc="outside lower center", ncols=6)
    return Drawing(
        "hierarchy", figure, hierarchy_sentence(found), hierarchy_table(found),
        {"best_populations": best_table(found)},
    )  # fmt: skip


def _panels(found: HierarchyScores) -> list[Axes]:
    if not _are_many(found):
        figure = style.figure(3.2)
        return list(figure.subplots(1, 3, width_ratios=(1.3, 1.2, 1)))
    figure = style.figure(max(5.0, 1.2 + 0.2 * len(found.network)))
    places = figure.add_gridspec(2, 2, width_ratios=(1, 1.1), height_ratios=(1, 2))
    return [
        figure.add_subplot(places[:, 0]),
        figure.add_subplot(places[0, 1]),
        figure.add_subplot(places[1, 1]),
    ]


def _are_many(found: HierarchyScores) -> bool:
    return len(found.network) > _MOST_NAMED


def _draw_scores(axes: Axes, found: HierarchyScores) -> None:
    y = np.arange(len(found.network))
    _, low, high = found.null.T
    axes.barh(y, high - low, left=low, height=0.7, color=style.FAINT, alpha=0.4,
              label="orders of populations")  # fmt: skip
    for shift, kind, values, ends, label in (
        (0.18, "random", found.twin_score, found.twin_ci95, "random weights"),
        (-0.18, "network", found.score, found.score_ci95, "network"),
    ):
        axes.hlines(y + shift, *ends.T, color=COLOUR[kind], lw=1)
        axes.plot(values, y + shift, "o", ms=3.5, color=COLOUR[kind], label=label)
    axes.plot(found.all_cells_score, y - 0.18, "o", ms=4.5, mfc="none", color=COLOUR["network"],
              label="all cells")  # fmt: skip
    axes.axvline(0, color=style.INK, lw=0.6)
    names = found.network.tolist()
    numbered = [f"{name}  {row}" for row, name in enumerate(names, 1)]
    axes.set_yticks(y, numbered if _are_many(found) else names)
    axes.set_ylim(len(y) - 0.5, -0.5)
    axes.set_xlabel("Hierarchy score (bars: 95 % interval)")
    axes.set_title("Layers against populations")


def _draw_best(axes: Axes, found: HierarchyScores) -> None:
    """Of the first network: share of each layer's units that each population decodes best."""
    own = found.network_of_layer == 0
    best, names = found.best[own], found.layer[own].tolist()
    total = best.sum(axis=1, keepdims=True)
    share = np.divide(best, total, out=np.zeros_like(best), where=total > 0)
    left = np.zeros(len(names))
    apart = max(1, (len(_POPULATIONS) - 4) // max(1, len(found.population) - 1))
    for place, population in enumerate(found.population.tolist()):
        colour = _POPULATIONS[place * apart % len(_POPULATIONS)]
        axes.barh(range(len(names)), share[:, place], left=left, color=colour, label=population)
        left = left + share[:, place]
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("Share of units decoded best")
    axes.set_title(f"Best population\n{found.network[0]}")


def _draw_accuracy(axes: Axes, found: HierarchyScores) -> None:
    """Score against published accuracy: squares have several fully connected layers."""
    axes.set_title("Score and recognition")
    known = np.flatnonzero(np.isfinite(found.top1) & np.isfinite(found.score))
    if not known.size:
        style.say_unavailable(axes, "no network has a published accuracy and a score", 18)
        return
    many = _are_many(found)
    for place, row in enumerate(sorted(known, key=lambda each: float(found.top1[each]))):
        marker = "s" if found.fully_connected[row] > 1 else "o"
        face = COLOUR["network"] if found.skips[row] else "none"
        at = (found.top1[row], found.score[row])
        size = _size(int(found.depth[row])) if many else 4
        if not many:
            axes.vlines(at[0], *found.score_ci95[row], color=style.FAINT, lw=1)
        axes.plot(*at, marker, ms=size, mfc=face, color=COLOUR["network"], alpha=0.8)
        label = f"{row + 1}" if many else f"{found.network[row]} ({found.depth[row]})"
        # Neighbours in accuracy have their numbers on different sides.
        side, above = _CORNERS[place % len(_CORNERS)] if many else (1, 1)
        axes.annotate(label, at, xytext=(side * (2 + size / 3), above * (2 + size / 3)),
                      textcoords="offset points", fontsize=style.SMALL_PT,
                      ha="left" if side > 0 else "right",
                      va="bottom" if above > 0 else "top")  # fmt: skip
    axes.axhline(0, color=style.FAINT, lw=0.6)
    axes.set_xlabel("Published top-1 accuracy on ImageNet")
    axes.set_ylabel("Hierarchy score")


def _size(depth: int) -> float:
    """Of a mark, points: 3 for ten layers, one more for twice as many."""
    return 3 + max(0.0, log2(max(depth, 1) / 10))


def hierarchy_sentence(found: HierarchyScores) -> str:
    """Which networks score above 0, above their twins and above other orders; and what not."""
    order = " < ".join(found.population.tolist())
    told = "; ".join(_of(found, row) for row in _told(found))
    if _are_many(found):
        told = f"{len(found.network)} networks, the highest and the lowest being {told}"
    above = [row for row in range(len(found.network)) if _is_shown(found, row)]
    verdict = (
        f"The order {order} is found in {', '.join(found.network[above].tolist())}: the best of "
        f"{factorial(len(found.population))} orders."
        if above
        else f"No network has layers in the order {order}, beyond random weights and chance: a "
        "flat hierarchy is what is expected of mouse visual areas (Nayebi et al. 2023)."
    )
    return (
        f"Hierarchy scores over units, {order}, cells matched over populations: {told}. {verdict}"
        f"{_reliabilities(found)} Filled: skip connections; squares: several fully connected "
        f"layers; {'larger marks: more layers' if _are_many(found) else 'in brackets: depth'}."
    )


def _told(found: HierarchyScores) -> list[int]:
    """Networks whose numbers the sentence has: all, or the highest and the lowest of many."""
    every = list(range(len(found.network)))
    known = [row for row in every if np.isfinite(found.score[row])]
    if not _are_many(found) or not known:
        return every[:_MOST_NAMED]
    ordered = sorted(known, key=lambda row: float(found.score[row]))
    return [ordered[-1], ordered[0]]


def _of(found: HierarchyScores, row: int) -> str:
    twin = found.twin_score[row]
    beside = f"random weights {number(twin)}, " if twin == twin else ""
    return (
        f"{found.network[row]} {number(found.score[row])} "
        f"({interval(found.score_ci95[row])}; {beside}orders of populations "
        f"{number(found.null[row, 1])} to {number(found.null[row, 2])}, {p_value(found.p[row])}; "
        f"all cells {number(found.all_cells_score[row])})"
    )


def _is_shown(found: HierarchyScores, row: int) -> bool:
    """Above 0, above its twin's interval, and highest of all orders; not without a twin."""
    twin = found.twin_ci95[row, 1]
    return bool(
        found.score_ci95[row, 0] > 0
        and found.score[row] > twin
        and found.score[row] >= found.null[row, 2] - 1e-9
    )


def _reliabilities(found: HierarchyScores) -> str:
    """How reliable the populations are, and whether draws are equal in that."""
    if not np.isfinite(found.reliability).all():
        return " Without repeats the reliability of populations is unknown."
    told = ", ".join(
        f"{name} {number(low)}" if low == high else f"{name} {number(low)} to {number(high)}"
        for name, low, high in zip(
            found.population.tolist(), found.reliability.min(axis=0), found.reliability.max(axis=0),
            strict=True,
        )
    )  # fmt: skip
    matched = "matched too" if found.matched_reliability.all() else "not matched"
    return f" Reliability of cells ({told}) is {matched}."


def hierarchy_table(found: HierarchyScores) -> Table:
    """One row a network."""
    return {
        "network": found.network.tolist(),
        "score": found.score.tolist(),
        "low": found.score_ci95[:, 0].tolist(),
        "high": found.score_ci95[:, 1].tolist(),
        "random": found.twin_score.tolist(),
        "random_low": found.twin_ci95[:, 0].tolist(),
        "random_high": found.twin_ci95[:, 1].tolist(),
        "orders_mean": found.null[:, 0].tolist(),
        "orders_lowest": found.null[:, 1].tolist(),
        "orders_highest": found.null[:, 2].tolist(),
        "p": found.p.tolist(),
        "all_cells": found.all_cells_score.tolist(),
        "all_cells_low": found.all_cells_ci95[:, 0].tolist(),
        "all_cells_high": found.all_cells_ci95[:, 1].tolist(),
        "top1": found.top1.tolist(),
        "depth": found.depth.tolist(),
        "fully_connected": found.fully_connected.tolist(),
        "skip_connections": found.skips.tolist(),
    }


def best_table(found: HierarchyScores) -> Table:
    """One row a layer: units that each population decodes best."""
    counts = zip(found.population.tolist(), found.best.T.tolist(), strict=True)
    return {
        "network": found.network[found.network_of_layer].tolist(),
        "layer": found.layer.tolist(),
        **dict(counts),
    }

"""Layers of a network decoded from responses, beside random weights, pixels and Gabor energies."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.deep.layer_sentences import (
    categories_sentence,
    ceiling_sentence,
    gains_sentence,
    layers_sentence,
)
from twophoton_decode.records.deep.feature_decoding import FeatureDecoding
from twophoton_decode.records.table import Column, Table

COLOUR: Final = {
    "network": "#0072B2",
    "random": style.RANDOM_COLOUR,
    "pixels": "#D55E00",
    "gabor": "#E69F00",
}
_LABEL: Final = {
    "network": "network",
    "pixels": "pixels",
    "gabor": "Gabor energies",
}
CONTROLS: Final = ("pixels", "gabor")
_GAIN_COLOURS: Final = ("#009E73", "#CC79A7", "#882255", "#44AA99", "#332288")


def decoded_layers(found: FeatureDecoding) -> Drawing:
    """Identification and unit accuracy of every layer, with controls, nulls and ceilings."""
    with style.applied():
        figure = style.figure(3.0)
        populations = len(found.pair) > 0
        panels = figure.subplots(1, 3)
        style.letter_panels(*panels)
        _draw_scores(panels[0], found, "two_way", "Two-way identification")
        _draw_scores(panels[1], found, "unit_r", "r over pictures, mean over units")
        if populations:
            _draw_gains(panels[2], found)
        else:
            _draw_top1(panels[2], found)
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 6))
    caption = (
        layers_sentence(found) + gains_sentence(found) + categories_sentence(found)
        + ceiling_sentence(found)
    )  # fmt: skip
    name = f"deep_decode_{found.network.replace('@random:', '-random-')}"
    return Drawing(name, figure, caption, _table(found), {"differences": _differences(found)})


def _draw_scores(axes: Axes, found: FeatureDecoding, score: str, label: str) -> None:
    mean, ends = getattr(found, f"{score}_mean")[0], getattr(found, f"{score}_ci95")[0]
    wrong = getattr(found, f"{score}_wrong")[0]
    ceiling = (found.two_way_repeat if score == "two_way" else found.unit_r_infinite)[0]
    layers = found.layer.tolist()
    _draw_twins(axes, found, getattr(found, f"random_{score}")[0])
    rows = np.flatnonzero(found.kind == "network")
    x, colour = np.arange(len(rows)), COLOUR["network"]
    axes.plot(x, mean[rows], "o-", ms=3.5, lw=1, color=colour, label=_LABEL["network"])
    axes.vlines(x, *ends[rows].T, color=colour, lw=1)
    axes.plot(x, ceiling[rows], "o", ms=4, mfc="none", color=colour, label="ceiling")
    axes.fill_between(
        x, wrong[rows, 1], wrong[rows, 2], color=style.FAINT, alpha=0.4, lw=0, zorder=0,
        label="wrong pictures",
    )  # fmt: skip
    for row, kind in enumerate(found.kind.tolist()):
        if kind in CONTROLS:
            axes.axhline(mean[row], color=COLOUR[kind], lw=1, ls="--", label=_LABEL[kind])
    axes.axhline(0.5 if score == "two_way" else 0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xticks(range(len(layers)), layers, rotation=45, ha="right")
    axes.set_ylabel(label)
    axes.set_title("Pictures (bars: 95 % interval)" if score == "two_way" else "Units")


def _draw_twins(axes: Axes, found: FeatureDecoding, spread: np.ndarray) -> None:
    """Mean over the draws of random weights, and the lowest and highest of them."""
    drawn = np.flatnonzero(np.isfinite(spread[:, 0]))
    if not len(drawn):
        return
    count, colour = len(found.twins), COLOUR["random"]
    label = "random weights" if count == 1 else f"random weights (mean, range of {count} draws)"
    mean, lowest, highest = spread[drawn].T
    axes.plot(drawn + 0.1, mean, "o-", ms=3.5, lw=1, color=colour, label=label)
    axes.vlines(drawn + 0.1, lowest, highest, color=colour, lw=1)


def _draw_top1(axes: Axes, found: FeatureDecoding) -> None:
    """Top-1 against the number of candidates, of the best layer and its controls."""
    network = [row for row, kind in enumerate(found.kind.tolist()) if kind == "network"]
    best = max(network, key=lambda row: float(found.two_way_mean[0, row]))
    lines = {best: COLOUR["network"]}
    for row, kind in enumerate(found.kind.tolist()):
        if kind in CONTROLS:
            lines[row] = COLOUR[kind]
    for row, colour in lines.items():
        axes.plot(found.candidates, found.top1[0, row], "o-", ms=3, color=colour)
    line = found.layer.tolist().index(found.space[best])
    twins, lowest, highest = found.random_top1[0, line].T
    axes.plot(found.candidates, twins, "o-", ms=3, color=COLOUR["random"])
    axes.fill_between(found.candidates, lowest, highest, color=COLOUR["random"], alpha=0.2, lw=0)
    axes.plot(found.candidates, 1 / found.candidates, color=style.FAINT, lw=1, ls=":")
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(f"Candidates ({found.pool})")
    axes.set_ylabel("Pictures that fit best")
    axes.set_title(f"Layer {found.space[best]} (dotted: chance)")


def _draw_gains(axes: Axes, found: FeatureDecoding) -> None:
    """Differences of differences between populations."""
    names = found.population.tolist()
    x = np.arange(len(found.layer))
    for row, other in enumerate(found.pair.tolist()):
        colour = _GAIN_COLOURS[row % len(_GAIN_COLOURS)]
        at = x + 0.08 * row
        label = f"{names[other]} − {names[1]}"
        axes.plot(at, found.gain_difference[row], "o-", ms=3.5, lw=1, color=colour, label=label)
        axes.vlines(at, *found.gain_difference_ci95[row].T, color=colour, lw=1)
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xticks(x, found.layer.tolist(), rotation=45, ha="right")
    axes.set_ylabel("Trained − random, difference in two-way")
    axes.set_title("Between populations")
    axes.legend(loc="best")


def _table(found: FeatureDecoding) -> Table:
    """One row for each population and space."""
    spaces = len(found.space)
    table: dict[str, Column] = {
        "population": [name for name in found.population.tolist() for _ in range(spaces)],
        "cells": [count for count in found.cells.tolist() for _ in range(spaces)],
        "features": found.kind.tolist() * len(found.population),
        "layer": found.space.tolist() * len(found.population),
        "seed_of_random_weights": ["" if seed < 0 else str(seed) for seed in found.seed.tolist()]
        * len(found.population),
    }
    for score in ("two_way", "unit_r"):
        ends, wrong = getattr(found, f"{score}_ci95"), getattr(found, f"{score}_wrong")
        table |= {
            score: getattr(found, f"{score}_mean").ravel(),
            f"{score}_low": ends[..., 0].ravel(),
            f"{score}_high": ends[..., 1].ravel(),
            f"{score}_wrong": wrong[..., 0].ravel(),
            f"{score}_wrong_high": wrong[..., 2].ravel(),
            f"{score}_p": getattr(found, f"{score}_p").ravel(),
        }
    for place, candidates in enumerate(found.candidates.tolist()):
        table[f"top1_of_{candidates}"] = found.top1[..., place].ravel()
    table |= {
        name: getattr(found, name).ravel()
        for name in ("median_rank", "reliability", "unit_r_infinite", "two_way_repeat")
    }
    table |= _twin_columns(found)
    if found.category_two_way is not None:
        # Of all cells alone, which stand first.
        table["category_two_way"] = found.category_two_way
    return table


def _twin_columns(found: FeatureDecoding) -> dict[str, Column]:
    """Beside each of the network's layers: mean, lowest and highest of its random twins."""
    columns: dict[str, Column] = {}
    rows = np.flatnonzero(found.kind == "network")
    for score in ("two_way", "unit_r"):
        spread = getattr(found, f"random_{score}")
        for place, name in enumerate(("mean", "lowest", "highest")):
            made = np.full(found.two_way_mean.shape, np.nan)
            made[:, rows] = spread[..., place]
            columns[f"random_{score}_{name}"] = made.ravel()
    return columns


def _differences(found: FeatureDecoding) -> Table:
    """One row for each population, layer and control, then for each pair and layer."""
    rows = [
        (population, layer, f"minus {control}", found.difference[a, b, c],
         *found.difference_ci95[a, b, c], found.difference_p[a, b, c])
        for a, population in enumerate(found.population.tolist())
        for b, layer in enumerate(found.layer.tolist())
        for c, control in enumerate(found.control.tolist())
    ]  # fmt: skip
    names = found.population.tolist()
    rows += [
        (f"{names[other]} minus {names[1]}", layer, "trained minus random",
         found.gain_difference[a, b], *found.gain_difference_ci95[a, b],
         found.gain_difference_p[a, b])
        for a, other in enumerate(found.pair.tolist())
        for b, layer in enumerate(found.layer.tolist())
    ]  # fmt: skip
    titles = ("population", "layer", "comparison", "two_way_difference", "low", "high", "p_holm")
    columns = list(zip(*rows, strict=True)) or [()] * len(titles)
    return dict(zip(titles, columns, strict=True))

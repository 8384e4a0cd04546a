"""How often the image seen is found among more and more candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import count, interval, number, percent
from twophoton_decode.records import Reconstruction
from twophoton_decode.records.table import Column, Table

_POOLS: Final = {
    "session": "images of the session",
    "external": "pictures never shown",
}
_IDENTIFIED: Final = "Identified (per cent)"
_KINDS: Final = {"average": "trial-averaged responses", "single": "single trials"}


def identification_curves(reconstructions: Mapping[str, Reconstruction], best: str) -> Drawing:
    """Top-1 against number of candidates, every decoder; lines: mean, bands: 95 % interval.

    The caption speaks of the decoder `best`.
    """
    pools = max((list(made.pool_name) for made in reconstructions.values()), key=len)
    with style.applied():
        figure = style.figure(0.6 + 2.1 * len(pools))
        grid = figure.subplots(len(pools), 2, sharey=True, squeeze=False)
        style.letter_panels(*grid.ravel())
        for row, pool in zip(grid, pools, strict=True):
            for axes, kind in zip(row, _KINDS, strict=True):
                draw_identification(axes, reconstructions, pool, kind)
            row[0].set_ylabel(_IDENTIFIED)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 7))
    return Drawing(
        "identification",
        figure,
        _caption(reconstructions[best]),
        identification_table(reconstructions, pools),
    )


def draw_identification(
    axes: Axes, reconstructions: Mapping[str, Reconstruction], pool: str, kind: str
) -> None:
    """How often the right image is found among k candidates of a pool, by every decoder."""
    most = 2
    for name, made in reconstructions.items():
        curve = _curve(made, pool, kind)
        if curve is None:
            continue
        k, top1, low, high = curve
        colour = style.decoder_colour(name)
        axes.fill_between(k, 100 * low, 100 * high, color=colour, alpha=0.15, lw=0)
        axes.plot(k, 100 * top1, "o-", ms=2.5, color=colour, label=name)
        most = max(most, int(k[-1]))
    k = np.geomspace(2, most, 100)
    axes.plot(k, 100 / k, "--", lw=1, color=style.CONDITION_COLOUR["wrong image"], label="chance")
    axes.set(xscale="log", ylim=(0, 102))
    axes.set_xticks(*_ticks(most))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(f"Candidates: {_POOLS[pool]}")
    axes.set_title(f"{_KINDS[kind][0].upper()}{_KINDS[kind][1:]}")


def _ticks(most: int) -> tuple[list[int], list[str]]:
    """Round numbers, and the most candidates; none so near to it that labels would touch."""
    round_ones = (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
    ticks = [*(tick for tick in round_ones if tick < 0.7 * most), most]
    return ticks, [f"{tick:g}" for tick in ticks]


def _curve(
    made: Reconstruction, pool: str, kind: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    """Number of candidates, mean top-1 and its interval; None if there is no such pool."""
    if pool not in made.pool_name:
        return None
    place = list(made.pool_name).index(pool)
    held = made.candidates <= made.pool_size[place]
    top1 = getattr(made, f"top1_{kind}_mean")[place][held]
    low, high = getattr(made, f"top1_{kind}_ci95")[place][held].T
    return made.candidates[held], top1, low, high


def identification_table(
    reconstructions: Mapping[str, Reconstruction], pools: Sequence[str]
) -> Table:
    """A row a decoder, pool, kind of responses and number of candidates."""
    columns = ("decoder", "pool", "responses", "candidates", "chance", "top1", "low", "high")
    rows = [
        (name, pool, kind, k, 1 / k, *numbers)
        for pool in pools
        for kind in _KINDS
        for name, made in reconstructions.items()
        for k, *numbers in zip(*(_curve(made, pool, kind) or [[]]), strict=True)
    ]
    table: dict[str, Column] = {
        column: [row[place] for row in rows] for place, column in enumerate(columns)
    }
    return table


def _caption(best: Reconstruction) -> str:
    parts = []
    for place, pool in enumerate(best.pool_name):
        curve = {kind: _curve(best, pool, kind) for kind in _KINDS}
        numbers = [
            f"{percent(each[1][-1])} (95 % interval "
            f"{interval((100 * each[2][-1], 100 * each[3][-1]), 0)} %)"
            for each in curve.values()
            if each is not None
        ]
        size = int(best.pool_size[place])
        rank = best.rank_average_mean[place]
        parts.append(
            f"among {count(size)} {_POOLS[str(pool)]} (the true one included) it picks the right "
            f"one in {numbers[0]} of images from trial averages and {numbers[1]} from single "
            f"trials, where chance is {percent(1 / size, 1)}; its mean rank from averages is "
            f"{number(rank, 1)}, by chance {number((size + 1) / 2, 1)}"
        )
    return f"{best.decoder}: {'; '.join(parts)}."

"""Agreement over a network's layers, a line for each area, as the study of AlexNet drew it."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number, percent
from twophoton_decode.figures.deep.representation_words import (
    better_random,
    has_random_weights,
    told_interval,
    twin_of,
)
from twophoton_decode.records import Representation
from twophoton_decode.records.table import Table

_COLUMNS = 3
_MOST = 6
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def area_profile(found: Representation) -> Drawing:
    """A panel for each network that was asked for; areas that are too noisy are left out."""
    networks = found.compared.tolist()
    areas = np.flatnonzero(found.ranked)[:_MOST].tolist()
    with style.applied():
        columns = min(len(networks), _COLUMNS)
        rows = -(-len(networks) // columns)
        figure = style.figure(0.6 + 2.6 * rows)
        axes = figure.subplots(rows, columns, squeeze=False, sharey=True).ravel()
        style.letter_panels(*axes[: len(networks)])
        for each, network in zip(axes, networks, strict=False):
            _draw_network(each, found, network, areas)
        for first in axes[::columns]:
            first.set_ylabel("Agreement of dissimilarities (ρ)")
        for empty in axes[len(networks) :]:
            empty.set_axis_off()
        style.legend_below(axes[0], ncols=2, label_lines=3)
    return Drawing("area_profile", figure, _caption(found, areas), _table(found))


def _draw_network(axes: Axes, found: Representation, network: str, areas: list[int]) -> None:
    models = found.models_of(network)
    twin = found.models_of(twin_of(network)) if twin_of(network) != network else models[:0]
    depth = found.depth[models]
    for colour, place in zip(_COLOURS, areas, strict=False):
        low, high = (
            # No agreement lies beyond, though intervals of few sessions do.
            np.clip(ends[models, place], -1, 1)
            for ends in (found.agreement_low, found.agreement_high)
        )
        axes.fill_between(depth, low, high, color=colour, alpha=0.15, lw=0)
        axes.plot(depth, found.agreement[models, place], "o-", ms=3, color=colour,
                  label=found.population[place])  # fmt: skip
        axes.plot(found.depth[twin], found.agreement[twin, place], ":", lw=0.9, color=colour)
    axes.plot([], [], ":", lw=0.9, color=style.INK, label="one draw of random weights")
    axes.axhline(0, color=style.FAINT, lw=0.6, zorder=0)
    axes.set_xticks(depth, found.layer[models], rotation=90)
    axes.set_title(f"{network.partition('@')[0]}, {weights_of(network)}")


def weights_of(network: str) -> str:
    """``trained weights``, or ``random weights``."""
    return "random weights" if has_random_weights(network) else "trained weights"


def _caption(found: Representation, areas: list[int]) -> str:
    told = " ".join(
        f"{name.partition('@')[0]} with {weights_of(name)}: "
        f"{' '.join(_of_area(found, row, place) for place in areas)}"
        for row, name in enumerate(found.compared.tolist())
    )
    left = int((~found.ranked).sum()) + max(0, int(found.ranked.sum()) - _MOST)
    more = f" Not drawn, as too noisy or beyond {_MOST}: {left}." if left else ""
    return (
        "Agreement of each layer with each area (bands: 95 % interval; dotted: the same layer with "
        "one draw of random weights, @random:0; other draws may do better). "
        f"{told or 'No area is reliable enough.'}{more}"
    )


def _of_area(found: Representation, row: int, place: int) -> str:
    """The best layer, the trend over layers and, where known, the nearest area."""
    best, near = int(found.best_layer[row, place]), int(found.nearest[place])
    name = found.population[place]
    if best < 0:
        return f"No layer could be compared with {name}."
    ends = told_interval(found.agreement_low[best, place], found.agreement_high[best, place])
    nearest = (
        f" Its nearest area is {found.population[near]} ({number(found.between[place, near])})."
        if near >= 0
        else ""
    )
    return (
        f"{name} is most like {found.layer[best]}, {number(found.agreement[best, place])} "
        f"({ends}; the best layer in {percent(found.best_share[row, place])} of "
        f"resamples{_beside_random(found, best, place)}). {_trend(found.trend[row, place])}"
        f"{nearest}"
    )


def _beside_random(found: Representation, best: int, place: int) -> str:
    """Beside one draw of random weights, as far as the interval says, and a better one if any."""
    low, high = found.over_random_low[best, place], found.over_random_high[best, place]
    told = []
    if np.isfinite(low) and not has_random_weights(found.network[best]):
        verdict = "above" if low > 0 else "below" if high < 0 else "not shown to exceed"
        told.append(f"{verdict} that layer with one draw of random weights")
    return "".join(f"; {each}" for each in [*told, *better_random(found, best, place)])


def _trend(trend: float) -> str:
    if not np.isfinite(trend):
        return "It has too few layers for a trend."
    return f"Over layers, agreement and depth correlate at {number(trend)} (ranks, no interval)."


def _table(found: Representation) -> Table:
    """One row for each network, area and layer."""
    rows = [
        {
            "network": name,
            "weights": weights_of(name),
            "area": str(found.population[place]),
            "layer": str(found.layer[model]),
            "agreement": float(found.agreement[model, place]),
            "low": float(found.agreement_low[model, place]),
            "high": float(found.agreement_high[model, place]),
            "random": float((found.agreement - found.over_random)[model, place]),
        }
        for name in found.compared.tolist()
        for place in np.flatnonzero(found.ranked).tolist()
        for model in found.models_of(name).tolist()
    ]
    keys = ("network", "weights", "area", "layer", "agreement", "low", "high", "random")
    return {key: [row[key] for row in rows] for key in keys}

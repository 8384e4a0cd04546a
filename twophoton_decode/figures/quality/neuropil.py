"""How much of the traces is neuropil, before and after it is subtracted."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, number
from twophoton_decode.records import Quality, Traces

_MEASURES = {
    "neuropil_correlation": ("F with Fneu", style.FAINT),
    "corrected_correlation": ("F − c · Fneu with Fneu", style.CELL_COLOUR),
}


def neuropil(traces: Traces, quality: Quality) -> Drawing:
    """Correlation of cells with their surround, and how bright the surround is."""
    cells = traces.is_cell
    with style.applied():
        figure = style.figure(2.5)
        correlation, ratio = figure.subplots(1, 2)
        style.letter_panels(correlation, ratio)
        _draw_correlations(correlation, quality, cells)
        _draw_ratio(ratio, quality, cells)
    table = {"roi": np.flatnonzero(cells), "coefficient": quality.coefficient[cells]}
    names = ("neuropil_ratio", *_MEASURES)
    table |= {name: getattr(quality, name)[cells] for name in names}
    return Drawing("quality_neuropil", figure, _caption(quality, cells), table)


def _draw_correlations(axes: Axes, quality: Quality, cells: np.ndarray) -> None:
    found = {name: _known(getattr(quality, name)[cells]) for name in _MEASURES}
    if not any(values.size for values in found.values()):
        style.say_unavailable(axes, "no cell has traces that change")
        return
    axes.axvline(0, color=style.INK, lw=0.5)
    low = min(0.0, *(values.min() for values in found.values() if values.size))
    bins = np.linspace(low, 1, 41).tolist()
    kinds: tuple[Literal["stepfilled", "step"], ...] = ("stepfilled", "step")
    for kind, (name, (label, colour)) in zip(kinds, _MEASURES.items(), strict=True):
        axes.hist(found[name], bins, color=colour, label=label, histtype=kind, lw=1.2)
        axes.axvline(quality.median_of(name), color=colour, lw=1, ls="--")
    axes.set(xlabel="Correlation over frames", ylabel="Cells")
    style.whole_numbers(axes.yaxis)
    style.legend_below(axes)


def _draw_ratio(axes: Axes, quality: Quality, cells: np.ndarray) -> None:
    values = _known(quality.neuropil_ratio[cells])
    if not values.size:
        style.say_unavailable(axes, "no cell has F above zero")
        return
    bins = min(30, max(5, values.size // 3))
    axes.hist(values, bins, color=style.CELL_COLOUR, ec="white", lw=0.3)
    axes.axvline(quality.median_of("neuropil_ratio"), color=style.INK, lw=1)
    axes.set(xlabel="Brightness of neuropil / of cell", ylabel="Cells")
    style.whole_numbers(axes.yaxis)


def _known(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values)]


def _caption(quality: Quality, cells: np.ndarray) -> str:
    if not cells.any():
        return "Neuropil of cells is unknown: no ROI is classified as a cell."
    before, after, ratio = (
        number(quality.median_of(name)) for name in (*_MEASURES, "neuropil_ratio")
    )
    least, most = quality.coefficient_range
    share = number(least) if least == most else f"{number(least)} to {number(most)} by cell"
    return (
        f"{counted(int(cells.sum()), 'cell')}: the median correlation with the neuropil around "
        f"is {before} before and {after} after c · Fneu is subtracted (c = {share}). Near zero, "
        "the neuropil is gone; below, too much is subtracted; cells that respond with their "
        f"surround stay above. Neuropil is {ratio} times as bright as the cell (median)."
    )

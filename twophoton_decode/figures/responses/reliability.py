"""How reliably cells respond: three measures, and the test of visual responsiveness."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number, p_value, percent
from twophoton_decode.records import Responses

MEASURES = {
    "reliability": "Split-half reliability",
    "explainable_variance": "Explainable variance",
    "oracle": "Oracle score (r)",
}


def reliability(responses: Responses) -> Drawing:
    """Split-half reliability, explainable variance and oracle score of every cell."""
    with style.applied():
        figure = style.figure(2.6)
        panels = figure.subplots(1, 3)
        style.letter_panels(*panels)
        for axes, (name, label) in zip(panels, MEASURES.items(), strict=True):
            values = getattr(responses, name)
            if np.isfinite(values).any():
                _draw(axes, values, responses.median_of(name), responses.visually_responsive, label)
            else:
                style.say_unavailable(axes, responses.reliability_undefined)
        if panels[0].get_legend_handles_labels()[0]:
            style.legend_below(panels[0])
    table = {"cell": np.arange(responses.cells), "roi": responses.roi}
    names = ("visually_responsive", "visually_responsive_p", *MEASURES)
    table |= {name: getattr(responses, name) for name in names}
    return Drawing("reliability", figure, _caption(responses), table)


def _draw(axes: Axes, values: np.ndarray, middle: float, visual: np.ndarray, label: str) -> None:
    known = np.isfinite(values)
    bins = np.linspace(min(0.0, values[known].min()), 1.0, 31).tolist()
    kinds = [values[known & visual], values[known & ~visual]]
    colours = [style.CELL_COLOUR, style.FAINT]
    labels = [f"visually responsive ({kinds[0].size})", f"other ({kinds[1].size})"]
    axes.hist(kinds, bins, stacked=True, color=colours, label=labels, ec="white", lw=0.3)
    axes.axvline(middle, color=style.INK, lw=1, label="median")
    axes.set(xlabel=label, ylabel="Cells")
    style.whole_numbers(axes.yaxis)


def _caption(responses: Responses) -> str:
    if not np.isfinite(responses.explainable_variance).any():
        return f"Reliability is unavailable: {responses.reliability_undefined}."
    visual = responses.counts["visually_responsive"]
    return (
        f"{visual} of {responses.cells} cells ({percent(visual / responses.cells)}) are visually "
        f"responsive ({responses.visual_test}, Benjamini-Hochberg over cells). Medians over cells: "
        f"split-half reliability {number(responses.median_of('reliability'))}, explainable "
        "variance "
        f"{number(responses.median_of('explainable_variance'))}, oracle score "
        f"{number(responses.median_of('oracle'))} ({p_value(responses.oracle_p)}, one-sided, "
        "images permuted over presentations). Around zero or slightly below, a cell ignores the "
        "image."
    )

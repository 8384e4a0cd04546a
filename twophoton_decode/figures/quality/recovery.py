"""What was recovered of a simulated recording, cell by cell."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import counted, number
from twophoton_decode.records import Recovery

_EDGES = np.linspace(-1, 1, 41).tolist()
_MEASURES = (
    ("trace_r", "Traces", "r with the clean ΔF/F"),
    ("response_r", "Responses", "r with the spikes"),
    ("field_r", "Receptive fields", "r with the planted field"),
)


def recovered(found: Recovery) -> Drawing:
    """Found and missed cells by their activity; traces, responses and fields against truth."""
    with style.applied():
        figure = style.figure(2.5)
        cells, *measures = figure.subplots(1, 4)
        style.letter_panels(cells, *measures)
        _draw_cells(cells, found)
        for axes, (key, title, label) in zip(measures, _MEASURES, strict=True):
            _draw_correlation(axes, found, key, title, label)
    keys = ("roi", "found", "transients", *(key for key, *_ in _MEASURES))
    table = {"planted_cell": np.arange(len(found.roi))}
    table |= {key: getattr(found, key) for key in keys}
    return Drawing("recovery", figure, _caption(found), table)


def _draw_cells(axes: Axes, found: Recovery) -> None:
    """Planted cells by how active they are; the missed ones stand out."""
    edges = np.histogram_bin_edges(found.transients, bins=12).tolist()
    groups = [found.transients[found.found], found.transients[~found.found]]
    colours = [style.CELL_COLOUR, style.CONDITION_COLOUR["wrong image"]]
    axes.hist(groups, edges, stacked=True, color=colours, label=["found", "missed"])
    axes.set(title="Cells", xlabel="Transients", ylabel="Planted cells")
    style.whole_numbers(axes.yaxis)
    style.legend_below(axes)


def _draw_correlation(axes: Axes, found: Recovery, key: str, title: str, label: str) -> None:
    values = getattr(found, key)
    axes.set_title(title)
    if not np.isfinite(values).any():
        style.say_unavailable(axes, "nothing to compare", letters=16)
        return
    axes.hist(values[np.isfinite(values)], _EDGES, color=style.RECONSTRUCTION_COLOUR)
    axes.axvline(found.median_of(key), color=style.INK, lw=0.8)
    axes.set(xlim=(min(0.0, np.nanmin(values)), 1), xlabel=label, ylabel="Cells")
    style.whole_numbers(axes.yaxis)


def _caption(found: Recovery) -> str:
    planted = len(found.roi)
    return (
        "This recording is simulated, so the truth is known. "
        f"Of {counted(planted, 'planted cell')}, {found.found.sum()} were found; of "
        f"{counted(found.cells, 'ROI')} taken for cells, {found.true_cells} match a planted one "
        f"(masks that share more than {number(found.smallest_iou, 1)} of their union). Medians "
        f"over cells: traces {number(found.median_of('trace_r'))}, responses to single "
        "presentations "
        f"{number(found.median_of('response_r'))}, receptive fields "
        f"{number(found.median_of('field_r'))} "
        f"({np.isfinite(found.field_r).sum()} cells with a field). Spikes are random around a "
        "cell's rate and the movie is noisy: 1 is out of reach."
    )

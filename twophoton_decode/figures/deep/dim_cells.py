"""Dim cells on the field of view, and the evidence for each: looks, activity, traces."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.records.deep.dim_cells import DimCells
from twophoton_decode.records.table import Table
from twophoton_decode.words import counted

MOST_TRACES: Final = 6
_STEP: Final = 10.0
_MEAN: Final = 0
_CORRELATION: Final = 2


def dim_cells(found: DimCells) -> Drawing:
    """The plane with most dim cells: two pictures, activity beside empty places, and traces."""
    plane = _shown(found)
    with style.applied():
        figure = style.figure(5.2)
        halves = figure.subfigures(2, 1, squeeze=False, height_ratios=(3, 2))
        top, bottom = halves[:, 0]
        mean, correlation = top.subplots(1, 2)
        activity, traces = bottom.subplots(1, 2, width_ratios=(1, 2))
        style.letter_panels(mean, correlation, activity, traces)
        _draw_field(mean, found, plane, _MEAN, "Mean")
        _draw_field(correlation, found, plane, _CORRELATION, "Correlation with neighbours")
        mean.legend(loc="upper left", bbox_to_anchor=(0, -0.02), ncols=3, fontsize=style.SMALL_PT)
        _draw_activity(activity, found, plane)
        _draw_traces(traces, found, plane)
    return Drawing("dim_cells", figure, _caption(found, plane), _table(found))


def _shown(found: DimCells) -> int:
    counts = [np.count_nonzero(found.counts & (found.plane == i)) for i in _planes(found)]
    return int(np.argmax(counts))


def _planes(found: DimCells) -> range:
    return range(len(found.plane_number))


def _draw_field(axes: Axes, found: DimCells, plane: int, picture: int, title: str) -> None:
    axes.imshow(found.picture[plane, picture], cmap="gray", vmin=-0.5, vmax=1.5)
    radius = found.radius[found.plane == plane]
    size = float(radius[0]) if len(radius) else 5.0
    here = found.plane == plane
    likely = found.probability >= found.minimum_probability
    clear = found.clear_plane == plane
    kinds = (
        (
            found.clear_x[clear],
            found.clear_y[clear],
            style.OTHER_ROI_COLOUR,
            "suite2p's cells",
            0.6,
        ),
        *(
            (found.center_x[which & here], found.center_y[which & here], colour, label, width)
            for which, colour, label, width in (
                (found.counts, style.CELL_COLOUR, "dim cells that count", 1.0),
                (likely & ~found.counts, style.RESPONSE_COLOUR, "likely, not active", 0.5),
            )
        ),
    )
    turn = np.linspace(0, 2 * np.pi, 33)
    for x, y, colour, label, width in kinds:
        for number_, at in enumerate(zip(x, y, strict=True)):
            axes.plot(
                at[0] + size * np.cos(turn), at[1] + size * np.sin(turn), color=colour, lw=width,
                label=label if number_ == 0 else None,
            )  # fmt: skip
    axes.set_title(title if len(_planes(found)) == 1 else f"{title}, plane {_name(found, plane)}")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(-0.5, found.picture.shape[3] - 0.5)
    axes.set_ylim(found.picture.shape[2] - 0.5, -0.5)


def _draw_activity(axes: Axes, found: DimCells, plane: int) -> None:
    null = found.null_activity[found.null_plane == plane]
    tested = (found.plane == plane) & np.isfinite(found.activity)
    if not len(null) or not tested.any():
        style.say_unavailable(axes, "nothing was tested: see the notes")
        return
    every = np.concatenate([null, found.activity[tested]])
    bins = np.linspace(every.min(), every.max() + 1e-9, 30).tolist()
    axes.hist(null, bins, color=style.FAINT, label="empty places", density=True)
    for which, colour, label in (
        (tested & ~found.counts, style.RESPONSE_COLOUR, "likely, not active"),
        (tested & found.counts, style.CELL_COLOUR, "dim cells that count"),
    ):
        if which.any():
            axes.hist(
                found.activity[which],
                bins,
                histtype="step",
                color=colour,
                label=label,
                density=True,
            )
    axes.set_xlabel("Activity (noise SD)")
    axes.set_ylabel("Density of places")
    axes.legend(fontsize=style.SMALL_PT)


def _draw_traces(axes: Axes, found: DimCells, plane: int) -> None:
    here = np.flatnonzero(found.counts & (found.plane == plane))
    best = here[np.argsort(-found.activity[here], kind="stable")]
    if not len(best):
        style.say_unavailable(axes, "no candidate counts in this plane")
        return
    # From the most active to the least, so that the weakest evidence is seen too.
    rows = best[np.unique(np.linspace(0, len(best) - 1, MOST_TRACES).round().astype(int))]
    time = np.arange(found.trace.shape[1]) * found.bin_s
    for place, candidate in enumerate(rows):
        axes.plot(time, found.trace[candidate] - place * _STEP, color=style.CELL_COLOUR, lw=0.6)
    labels = [f"{candidate}: p {found.activity_p[candidate]:.2g}" for candidate in rows]
    axes.set_yticks([-place * _STEP for place in range(len(rows))], labels)
    axes.set_xlabel("Time (s)")
    axes.set_title(f"Traces, {_STEP:.0f} noise SD apart")


def _caption(found: DimCells, plane: int) -> str:
    likely = int((found.probability >= found.minimum_probability).sum())
    counts = int(found.counts.sum())
    which = sorted(set(found.attention.tolist()))
    planes = len(_planes(found))
    shown = f" Shown is plane {_name(found, plane)} of {planes}." if planes > 1 else ""
    return (
        f"{counted(len(found.plane), 'candidate')} beside "
        f"{counted(int(found.clear_cells.sum()), 'cell')} of suite2p: {likely} look like cells of "
        f"this field (probability {number(found.minimum_probability)} or more; context: "
        f"{', '.join(which)}), {counts} of them are also active, tested against the same disc at "
        f"{counted(len(found.null_activity), 'empty place')} (false discovery rate "
        f"{number(found.false_discovery_rate)}). How many dim cells were missed is not known "
        f"without truth.{shown} Traces: neuropil-corrected, less what neighbouring cells do, from "
        "the most active dim cell to the least."
    )


def _name(found: DimCells, plane: int) -> int:
    return int(found.plane_number[plane])


def _table(found: DimCells) -> Table:
    """A row a candidate."""
    return {
        "candidate": np.arange(len(found.plane)),
        "plane": found.plane_number[found.plane],
        "center_y_px": found.center_y,
        "center_x_px": found.center_x,
        "probability": found.probability,
        "activity": found.activity,
        "p": found.activity_p,
        "counts": found.counts,
    }

"""Brightness over the recording: whole frames, the median cell, every cell."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import interval, number
from twophoton_decode.figures.canvas.timeline import in_time_unit, time_label
from twophoton_decode.records import Quality, Traces


def bleaching(traces: Traces, quality: Quality) -> Drawing:
    """Mean brightness of frames and median F of cells with their exponential fits."""
    duration = traces.bad_frame.size / traces.frame_rate_hz
    time = in_time_unit(quality.segment_time_s, duration)
    with style.applied():
        figure = style.figure(2.7)
        left, middle, right = figure.subplots(1, 3, width_ratios=(1.3, 1.3, 1))
        style.letter_panels(left, middle, right)
        _draw_frames(left, time, quality, traces)
        _draw_cells(middle, time, quality)
        for axes in (left, middle):
            axes.set_xlabel(time_label(duration))
        _draw_lost(right, quality.bleaching[traces.is_cell], quality.median_of("bleaching"))
    table = {"time_s": quality.segment_time_s}
    for plane, level in enumerate(() if quality.frame_percent is None else quality.frame_percent):
        table[f"plane_{traces.number_of(plane)}_percent"] = level
    if quality.cell_percent is not None:
        names = ("cells_lower_quartile", "cells_median", "cells_upper_quartile")
        table |= dict(zip(names, quality.cell_percent, strict=True))
    return Drawing("quality_bleaching", figure, _caption(traces, quality), table)


def _draw_frames(axes: Axes, time: np.ndarray, quality: Quality, traces: Traces) -> None:
    levels, fits = quality.frame_percent, quality.frame_percent_fit
    if levels is None or fits is None:
        style.say_unavailable(axes, "this session has no means of frames", letters=24)
        return
    for plane, (level, fit) in enumerate(zip(levels, fits, strict=True)):
        label = f"plane {traces.number_of(plane)}" if len(fits) > 1 else "frames"
        (line,) = axes.plot(time, level, ".", ms=3, label=label)
        line.set_color(style.INK if len(fits) == 1 else line.get_color())
        axes.plot(time, fit, color=line.get_color(), lw=0.9)
    axes.set(title="Mean of the frames", ylabel="Brightness (% of the start)")
    if 1 < len(fits) <= 4:
        style.legend_below(axes)


def _draw_cells(axes: Axes, time: np.ndarray, quality: Quality) -> None:
    if quality.cell_percent is None or quality.cell_percent_fit is None:
        style.say_unavailable(axes, "no cell is brighter than zero throughout", letters=24)
        return
    low, middle, high = quality.cell_percent
    axes.fill_between(time, low, high, color=style.CELL_COLOUR, alpha=0.3, lw=0, label="quartiles")
    axes.plot(time, middle, ".", ms=3, color=style.CELL_COLOUR, label="median cell")
    axes.plot(time, quality.cell_percent_fit, color=style.INK, lw=0.9, label="fit")
    axes.set(title="F of the cells", ylabel="Brightness (% of the start)")
    style.legend_below(axes)


def _draw_lost(axes: Axes, lost: np.ndarray, middle: float) -> None:
    lost = lost[np.isfinite(lost)]
    if not lost.size:
        style.say_unavailable(axes, "no cell can be fitted", letters=20)
        return
    axes.hist(lost, min(30, max(5, lost.size // 3)), color=style.CELL_COLOUR, ec="white", lw=0.3)
    axes.axvline(middle, color=style.INK, lw=1, ls="--", label="median")
    axes.set(title="Each cell", xlabel="Brightness lost (%)", ylabel="Cells")
    style.whole_numbers(axes.yaxis)


def _caption(traces: Traces, quality: Quality) -> str:
    seconds = traces.bad_frame.size / traces.frame_rate_hz
    length = f"{number(seconds / 60, 1)} min" if seconds > 180 else f"{number(seconds, 0)} s"
    text = (
        f"Over {length} the median cell loses {number(quality.cell_bleaching, 1)} % of its "
        f"brightness (95 % interval {interval(quality.cell_bleaching_ci95, 1)}; negative: it gains)"
    )
    text += _whole_frames(traces, quality)
    text += f". Medians of {quality.segment_time_s.size} equal stretches, with exponential fits."
    if traces.times.gaps().frame.size:
        text += " Pauses in the recording are left out of the time, since nothing bleaches in them."
    jumps = quality.counts.get("brightness_jumps")
    if jumps:
        text += f" Frames jump in brightness {jumps:g} times."
    return text


def _whole_frames(traces: Traces, quality: Quality) -> str:
    """What whole frames lose, those of the plane that loses most."""
    lost, ci95 = quality.frame_bleaching, quality.frame_bleaching_ci95
    worst = quality.bleached_plane
    if lost is None or ci95 is None:
        return ""
    if worst < 0:
        return "; the brightness of whole frames cannot be fitted"
    which = f" of plane {traces.number_of(worst)}, which lose most," if lost.size > 1 else ""
    return f", whole frames{which} {number(lost[worst], 1)} % ({interval(ci95[worst].tolist(), 1)})"

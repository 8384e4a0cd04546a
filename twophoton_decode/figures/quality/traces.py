"""Traces of example cells, from the best to the worst."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.figures.canvas.timeline import extremes, in_time_unit, time_label
from twophoton_decode.records import Quality, Traces

RANKS = 5
"""Of signal-to-noise: best, worst and quartiles."""


def example_traces(traces: Traces, quality: Quality) -> Drawing:
    """ΔF/F of five cells by rank of signal-to-noise, and F with its neuropil up close.

    The excerpt is the 20 s around the cell's largest ΔF/F outside bad frames.
    """
    rois = quality.example_roi
    if not rois.size:
        return _unavailable()
    whole: list[dict[str, np.ndarray]] = []
    excerpts: list[dict[str, np.ndarray]] = []
    with style.applied():
        figure = style.figure(0.5 + 1.0 * len(rois))
        grid = figure.subplots(len(rois), 2, squeeze=False, width_ratios=(2.4, 1))
        style.letter_panels(*grid[0])
        for left in grid[:-1, 0]:
            left.tick_params(labelbottom=False)
        for place, (left, right) in enumerate(grid):
            roi, rank = int(rois[place]), quality.example_rank[place]
            whole.append(_draw_whole(left, traces, roi, quality.example_dff[place]))
            snr, level = number(quality.snr[roi], 1), number(quality.noise_level[roi], 1)
            left.set_title(f"ROI {roi}, {rank}: SNR {snr}, noise {level} %/√Hz")
            excerpts.append(_draw_excerpt(right, quality, place))
        grid[-1, 0].set_xlabel(time_label(traces.duration_s))
        grid[-1, 1].set_xlabel("Time (s)")
        grid[0, 1].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.1)
    more = {"excerpts": _below_each_other(excerpts)}
    caption = _caption(traces, quality)
    return Drawing("quality_traces", figure, caption, _below_each_other(whole), more)


def _below_each_other(tables: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def _unavailable() -> Drawing:
    reason = "no cell has ΔF/F that changes"
    with style.applied():
        figure = style.figure(1.2)
        style.say_unavailable(figure.subplots(), reason, letters=90)
    return Drawing("quality_traces", figure, f"Example traces are unavailable: {reason}.")


def _draw_whole(axes: Axes, traces: Traces, roi: int, trace: np.ndarray) -> dict[str, np.ndarray]:
    drawn = extremes(trace)
    seconds = traces.frame_time(int(traces.plane[roi]), drawn)
    time = in_time_unit(seconds, traces.duration_s)
    axes.axhline(0, color=style.FAINT, lw=0.5, zorder=0)
    axes.plot(time, trace[drawn], color=style.INK, lw=0.5)
    axes.set_xlim(time[0], time[-1])
    axes.set_ylabel("ΔF/F")
    return {"roi": np.full(drawn.size, roi), "time_s": seconds, "dff": trace[drawn]}


def _draw_excerpt(axes: Axes, quality: Quality, place: int) -> dict[str, np.ndarray]:
    """F and the scaled neuropil, without what pads the shorter excerpts."""
    roi, time = quality.example_roi[place], quality.excerpt_time_s[place]
    inside = np.isfinite(time)
    time = time[inside]
    fluorescence, around = (
        rows[place][inside] for rows in (quality.excerpt_f, quality.excerpt_neuropil)
    )
    axes.plot(time, fluorescence, color=style.INK, lw=0.7, label="F")
    axes.plot(time, around, color=style.OTHER_ROI_COLOUR, lw=0.7, label="c · Fneu")
    axes.set_xlim(time[0], time[-1])
    axes.set_ylabel("Grey level")
    return {
        "roi": np.full(time.size, roi),
        "time_s": time,
        "f": fluorescence,
        "scaled_neuropil": around,
    }


def _caption(traces: Traces, quality: Quality) -> str:
    cells = int((traces.is_cell & np.isfinite(quality.snr)).sum())
    text = f"The cells at the best, worst and quartile ranks of signal-to-noise among {cells}."
    if quality.example_roi.size < RANKS:
        text = f"The traces of {'the only cell' if cells == 1 else f'all {cells} cells'}."
    whole = "the whole recording"
    if traces.bad_frame.size > extremes(np.arange(traces.bad_frame.size)).size:
        whole += " (smallest and largest value of each stretch)"
    return (
        f"{text} Left: ΔF/F over {whole}. Right: F and the neuropil that is subtracted from it, "
        f"the {quality.excerpt_s:.0f} s around the cell's largest ΔF/F"
        f"{', up to the next pause' if traces.times.gaps().frame.size else ''}."
    )

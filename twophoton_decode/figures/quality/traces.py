"""Traces of example cells, from the best to the worst."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from twophoton_decode.extraction.signals.delta_f import signal_of
from twophoton_decode.figures.canvas import style
from twophoton_decode.figures.canvas.drawing import Drawing
from twophoton_decode.figures.canvas.numbers import number
from twophoton_decode.figures.canvas.timeline import extremes, in_time_unit, time_label
from twophoton_decode.records import Quality, Traces
from twophoton_decode.settings import TraceSettings

RANKS = {"best": 1.0, "upper quartile": 0.75, "median": 0.5, "lower quartile": 0.25, "worst": 0.0}
EXCERPT_S = 20.0


def example_traces(traces: Traces, quality: Quality, settings: TraceSettings) -> Drawing:
    """ΔF/F of five cells by rank of signal-to-noise, and F with its neuropil up close.

    The excerpt is the 20 s around the cell's largest ΔF/F outside bad frames.
    """
    chosen = examples(traces, quality)
    if not chosen:
        return _unavailable()
    rois = np.array(list(chosen.values()))
    as_dff = settings.model_copy(update={"signal": "dff"})
    dff, _ = signal_of(traces, rois, as_dff, quality.coefficient[rois])
    table: dict[str, np.ndarray] = {}
    with style.applied():
        figure = style.figure(0.5 + 1.0 * len(rois))
        grid = figure.subplots(len(rois), 2, squeeze=False, width_ratios=(2.4, 1))
        for left in grid[:-1, 0]:
            left.tick_params(labelbottom=False)
        for (left, right), (rank, roi), trace in zip(grid, chosen.items(), dff, strict=True):
            table |= _draw_whole(left, traces, roi, trace)
            snr, level = number(quality.snr[roi], 1), number(quality.noise_level[roi], 1)
            left.set_title(f"ROI {roi}, {rank}: SNR {snr}, noise {level} %/√Hz")
            table |= _draw_excerpt(right, traces, roi, trace, float(quality.coefficient[roi]))
        grid[-1, 0].set_xlabel(time_label(traces.duration_s))
        grid[-1, 1].set_xlabel("Time (s)")
        grid[0, 1].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.1)
    return Drawing("quality_traces", figure, _caption(traces, quality, chosen), table)


def examples(traces: Traces, quality: Quality) -> dict[str, int]:
    """The ROI at each rank of signal-to-noise among the cells that have one."""
    cells = np.flatnonzero(traces.is_cell & np.isfinite(quality.snr))
    cells = cells[np.argsort(quality.snr[cells], kind="stable")]
    found: dict[str, int] = {}
    for rank, share in RANKS.items():
        roi = int(cells[round(share * (cells.size - 1))]) if cells.size else -1
        if roi >= 0 and roi not in found.values():
            found[rank] = roi
    return found


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
    return {f"roi_{roi}_time_s": seconds, f"roi_{roi}_dff": trace[drawn]}


def _draw_excerpt(
    axes: Axes, traces: Traces, roi: int, trace: np.ndarray, coefficient: float
) -> dict[str, np.ndarray]:
    part = _around_peak(trace, traces)
    time = traces.frame_time(int(traces.plane[roi]), np.arange(part.start, part.stop))
    rows = (
        np.asarray(signal[roi : roi + 1])[0] for signal in (traces.fluorescence, traces.neuropil)
    )
    fluorescence, around = (row[part] for row in rows)
    axes.plot(time, fluorescence, color=style.INK, lw=0.7, label="F")
    axes.plot(time, coefficient * around, color=style.OTHER_ROI_COLOUR, lw=0.7, label="c · Fneu")
    axes.set_xlim(time[0], time[-1])
    axes.set_ylabel("Grey level")
    return {
        f"roi_{roi}_excerpt_time_s": time,
        f"roi_{roi}_f": fluorescence,
        f"roi_{roi}_scaled_neuropil": coefficient * around,
    }


def _around_peak(trace: np.ndarray, traces: Traces) -> slice:
    """The excerpt, cut where the recording paused."""
    peak = int(np.argmax(np.where(traces.bad_frame, -np.inf, trace)))
    borders = np.array([0, *traces.times.gaps().frame, trace.size])
    run = int(np.searchsorted(borders, peak, side="right"))
    first, end = int(borders[run - 1]), int(borders[run])
    if end - first < 2:
        first, end = 0, trace.size
    length = min(end - first, max(2, round(EXCERPT_S * traces.frame_rate_hz)))
    start = min(max(first, peak - length // 2), end - length)
    return slice(start, start + length)


def _caption(traces: Traces, quality: Quality, chosen: dict[str, int]) -> str:
    cells = int((traces.is_cell & np.isfinite(quality.snr)).sum())
    text = f"The cells at the best, worst and quartile ranks of signal-to-noise among {cells}."
    if len(chosen) < len(RANKS):
        text = f"The traces of {'the only cell' if cells == 1 else f'all {cells} cells'}."
    whole = "the whole recording"
    if traces.bad_frame.size > extremes(np.arange(traces.bad_frame.size)).size:
        whole += " (smallest and largest value of each stretch)"
    return (
        f"{text} Left: ΔF/F over {whole}. Right: F and the neuropil that is subtracted from it, "
        f"the {EXCERPT_S:.0f} s around the cell's largest ΔF/F"
        f"{', up to the next pause' if traces.times.gaps().frame.size else ''}."
    )

"""Example cells, from the best to the worst, with the time around their largest transient."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from twophoton_decode.extraction.signals.delta_f import signal_of
from twophoton_decode.records.quality import Quality
from twophoton_decode.records.traces import Traces
from twophoton_decode.settings import TraceSettings

RANKS: Final = {
    "best": 1.0,
    "upper quartile": 0.75,
    "median": 0.5,
    "lower quartile": 0.25,
    "worst": 0.0,
}
EXCERPT_S: Final = 20.0


def example_traces(traces: Traces, quality: Quality, settings: TraceSettings) -> dict[str, Any]:
    """ΔF/F of cells by rank of signal-to-noise, and F with its neuropil up close.

    The excerpt is the 20 s around the cell's largest ΔF/F outside bad frames.
    """
    chosen = examples(traces, quality)
    if not chosen:
        return {"excerpt_s": EXCERPT_S}
    rois = np.array(list(chosen.values()))
    coefficient = quality.coefficient[rois]
    as_dff = settings.model_copy(update={"signal": "dff"})
    dff, _ = signal_of(traces, rois, as_dff, coefficient)
    parts = [_around_peak(trace, traces) for trace in dff]
    time, around, fluorescence = np.full(
        (3, len(rois), max(p.stop - p.start for p in parts)), np.nan
    )
    for place, (roi, part) in enumerate(zip(rois, parts, strict=True)):
        size = part.stop - part.start
        frames = np.arange(part.start, part.stop)
        time[place, :size] = traces.frame_time(int(traces.plane[roi]), frames)
        fluorescence[place, :size] = np.asarray(traces.fluorescence[roi : roi + 1])[0][part]
        if traces.neuropil is not None:
            raw = np.asarray(traces.neuropil[roi : roi + 1])[0][part]
            around[place, :size] = coefficient[place] * raw
    return {
        "example_rank": np.array(list(chosen)),
        "example_roi": rois,
        "example_dff": dff,
        "excerpt_time_s": time,
        "excerpt_f": fluorescence,
        "excerpt_neuropil": around,
        "excerpt_s": EXCERPT_S,
    }


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

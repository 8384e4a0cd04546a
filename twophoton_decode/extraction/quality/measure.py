"""How good a recording is, from its traces and its motion."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from twophoton_decode.extraction.quality.bleaching import (
    brightness_jumps,
    exponential_decay,
    relative_brightness,
    segment_edges,
    segment_medians,
)
from twophoton_decode.extraction.quality.notes import quality_notes
from twophoton_decode.extraction.quality.shown import displacement, with_shown
from twophoton_decode.extraction.signals.delta_f import (
    corrected_trace,
    dff_of,
    neuropil_coefficients,
)
from twophoton_decode.extraction.signals.noise import noise_level, signal_to_noise
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.quality import Quality
from twophoton_decode.records.traces import Traces
from twophoton_decode.settings import TraceSettings

# About 40 MB of float64 for each signal at a time.
_VALUES_AT_ONCE = 5_000_000


def quality(traces: Traces, settings: TraceSettings, progress: Progress = silent) -> Quality:
    """Noise, signal, bleaching and neuropil of every ROI; brightness and motion of the frames.

    Parameters
    ----------
    traces : Traces
        Opened, not loaded: read by block of ROIs.
    settings : TraceSettings
        How neuropil is subtracted and F0 is taken. ΔF/F is used whichever signal is chosen.
    progress : callable
        Told after each block.
    """
    frames = traces.bad_frame.size
    edges = segment_edges(frames)
    time = (edges[:-1] + edges[1:]) / 2 / traces.frame_rate_hz
    duration = frames / traces.frame_rate_hz
    rois = _of_rois(traces, settings, edges, progress)
    cells = relative_brightness(rois["roi_brightness"][traces.is_cell])
    cell_bleaching, cell_interval = math.nan, (math.nan, math.nan)
    if len(cells):
        lost, ends = exponential_decay(time, np.median(cells, axis=0)[None]).lost(duration)
        cell_bleaching, cell_interval = float(lost[0]), (float(ends[0, 0]), float(ends[0, 1]))
    found = Quality(
        **rois,
        bleaching=exponential_decay(time, rois["roi_brightness"]).lost(duration)[0],
        segment_time_s=time,
        **_of_frame_means(traces, edges, time, duration),
        cell_bleaching=cell_bleaching,
        cell_bleaching_ci95=cell_interval,
        bad_frames=int(traces.bad_frame.sum()),
        largest_motion=_largest_motion(traces),
        drift=_drift(traces),
        correlation_change=_correlation_change(traces),
    )
    found = replace(found, notes=quality_notes(found, traces))
    return with_shown(found, traces, settings)


def _of_rois(
    traces: Traces, settings: TraceSettings, edges: np.ndarray, progress: Progress
) -> dict[str, Any]:
    total, frames = traces.fluorescence.shape
    step = max(1, _VALUES_AT_ONCE // max(1, frames))
    blocks = []
    # At least one block, so that no ROIs still give arrays, empty ones.
    for start in range(0, max(1, total), step):
        block = slice(start, min(start + step, total))
        blocks.append(_of_block(traces, settings, edges, block))
        progress(block.stop, total, "ROIs")
    return {name: np.concatenate([each[name] for each in blocks]) for name in blocks[0]}


def _of_block(
    traces: Traces, settings: TraceSettings, edges: np.ndarray, block: slice
) -> dict[str, Any]:
    fluorescence = np.asarray(traces.fluorescence[block])
    around = None if traces.neuropil is None else np.asarray(traces.neuropil[block])
    as_dff = settings.model_copy(update={"signal": "dff"})
    rois = np.arange(block.start, block.stop)
    coefficient = neuropil_coefficients(traces, rois, as_dff).value
    corrected = corrected_trace(fluorescence, around, coefficient)
    dff, usable = dff_of(traces, corrected, settings)
    good = ~traces.bad_frame
    return {
        "usable": usable,
        "noise_level": noise_level(dff, traces.frame_rate_hz, good),
        "snr": signal_to_noise(dff, good),
        "peak": _peak(dff, good),
        "coefficient": coefficient,
        **_with_neuropil(fluorescence, around, corrected),
        "roi_brightness": _brightness(traces, fluorescence, edges),
    }


def _brightness(traces: Traces, fluorescence: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Median F of each stretch; of ΔF/F, which says nothing about brightness, NaN."""
    found = segment_medians(fluorescence, edges)
    return np.full_like(found, np.nan) if traces.is_dff else found


def _with_neuropil(
    fluorescence: np.ndarray, around: np.ndarray | None, corrected: np.ndarray
) -> dict[str, np.ndarray]:
    """How F and what is left of it go with the neuropil; NaN where none was imported."""
    if around is None:
        names = ("neuropil_ratio", "neuropil_correlation", "corrected_correlation")
        return {name: np.full(len(fluorescence), np.nan) for name in names}
    return {
        "neuropil_ratio": _ratio(np.median(around, axis=1), np.median(fluorescence, axis=1)),
        "neuropil_correlation": _correlation(fluorescence, around),
        "corrected_correlation": _correlation(corrected, around),
    }


def _of_frame_means(
    traces: Traces, edges: np.ndarray, time: np.ndarray, duration_s: float
) -> dict[str, Any]:
    if traces.frame_mean is None:
        return {}
    brightness = segment_medians(traces.frame_mean, edges)
    lost, ends = exponential_decay(time, brightness).lost(duration_s)
    return {
        "frame_brightness": brightness,
        "frame_bleaching": lost,
        "frame_bleaching_ci95": ends,
        "brightness_jump": brightness_jumps(traces.frame_mean),
    }


def _largest_motion(traces: Traces) -> float:
    good = ~traces.bad_frame
    return float(displacement(traces)[:, good].max()) if good.any() else math.nan


def _drift(traces: Traces) -> float:
    """How far the mean place moved from the first tenth to the last, in the worst plane.

    Of good frames; NaN where an end has none.
    """
    first, last = (
        np.flatnonzero(~traces.bad_frame[part]) + part.start
        for part in _ends(traces.bad_frame.size)
    )
    if not first.size or not last.size:
        return math.nan
    moved = [
        motion[:, last].mean(axis=1) - motion[:, first].mean(axis=1)
        for motion in (traces.motion_y, traces.motion_x)
    ]
    return float(np.hypot(*moved).max())


def _correlation_change(traces: Traces) -> float:
    if traces.motion_correlation is None:
        return math.nan
    first, last = _ends(traces.bad_frame.size)
    before, after = (
        np.median(traces.motion_correlation[:, part].astype(float), axis=1)
        for part in (first, last)
    )
    change = 100 * (_ratio(after, before) - 1)
    return float(change.min()) if np.isfinite(change).all() else math.nan


def _ends(frames: int) -> tuple[slice, slice]:
    tenth = max(1, frames // 10)
    return slice(0, tenth), slice(frames - tenth, frames)


def _correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pearson correlation row by row; NaN where a row never changes."""
    one, other = (
        np.asarray(each, dtype=float) - each.mean(axis=1, keepdims=True, dtype=float)
        for each in (one, other)
    )
    norm = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
    return _ratio((one * other).sum(axis=1), norm)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """NaN where the divisor is not above zero."""
    result = np.full(above.shape, np.nan)
    np.divide(above, below, out=result, where=below > 0)
    return result


def _peak(dff: np.ndarray, good: np.ndarray) -> np.ndarray:
    return dff[:, good].max(axis=1) if good.any() else np.full(len(dff), np.nan)

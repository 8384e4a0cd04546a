"""What figures show of a recording's quality: courses, medians over cells, planes that move."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from scipy.stats import spearmanr

from twophoton_decode.extraction.quality.bleaching import (
    Decay,
    exponential_decay,
    relative_brightness,
)
from twophoton_decode.extraction.quality.examples import example_traces
from twophoton_decode.extraction.quality.notes import HIGH_NOISE
from twophoton_decode.extraction.signals.noise import SNR_OF_NOISE
from twophoton_decode.records.quality import Quality
from twophoton_decode.records.traces import Traces
from twophoton_decode.settings import TraceSettings
from twophoton_decode.statistics.defined import defined, median, quartiles

MOST_PLANES: Final = 3
STRETCHES: Final = 200
"""Stretches whose means are drawn over a line of more frames than `FRAMES_DRAWN`."""
FRAMES_DRAWN: Final = 1600
_FEWEST_FOR_RANKS: Final = 10
_NEUROPIL: Final = ("neuropil_correlation", "corrected_correlation", "neuropil_ratio")
_POSITIVE: Final = ("noise_level", "snr")


def with_shown(found: Quality, traces: Traces, settings: TraceSettings) -> Quality:
    """The record with everything that figures show of it."""
    cells, chosen = traces.is_cell, traces.is_cell & found.usable
    positive = {name: _positive(getattr(found, name)[cells]) for name in _POSITIVE}
    measures = {name: getattr(found, name)[chosen] for name in (*_POSITIVE, "peak")}
    used = defined(found.coefficient[cells]).round(2)
    return replace(
        found,
        medians={name: median(getattr(found, name)[cells]) for name in (*_NEUROPIL, "bleaching")}
        | {name: median(values) for name, values in positive.items()},
        quartiles={name: quartiles(values) for name, values in measures.items()},
        counts={name: int(np.isfinite(values).sum()) for name, values in measures.items()}
        | {"brightness_jumps": _jumps(found), "cells": int(chosen.sum())},
        coefficient_range=(float(used.min()), float(used.max())) if used.size else (np.nan,) * 2,
        snr_of_noise=SNR_OF_NOISE,
        high_noise=HIGH_NOISE,
        **_brightness(found, cells),
        **_ranks(found, traces),
        **_motion(traces),
        **example_traces(traces, found, settings),
    )


def displacement(traces: Traces) -> np.ndarray:
    """Rigid distance of every frame from the reference image, shape (plane, frame), px."""
    return np.hypot(traces.motion_y, traces.motion_x)


def _positive(values: np.ndarray) -> np.ndarray:
    return values[np.isfinite(values) & (values > 0)]


def _jumps(found: Quality) -> int:
    jump = found.brightness_jump
    return 0 if jump is None else int(jump.any(axis=0).sum())


def _brightness(found: Quality, cells: np.ndarray) -> dict[str, Any]:
    """Brightness in per cent of its fitted start, of frames and of quartiles over cells."""
    shown: dict[str, Any] = {}
    time = found.segment_time_s
    if found.frame_brightness is not None:
        fit = exponential_decay(time, found.frame_brightness)
        start = _start(fit, found.frame_brightness)[:, None]
        shown["frame_percent"] = 100 * found.frame_brightness / start
        shown["frame_percent_fit"] = 100 * fit.at(time) / start
    if found.frame_bleaching is not None and np.isfinite(found.frame_bleaching).any():
        shown["bleached_plane"] = int(np.nanargmax(found.frame_bleaching))
    level = relative_brightness(found.roi_brightness[cells])
    if len(level):
        # All three by the start of the median.
        middle = np.percentile(level, [25, 50, 75], axis=0)
        fit = exponential_decay(time, middle[1:2])
        start = _start(fit, middle[1:2])
        shown["cell_percent"] = 100 * middle / start
        shown["cell_percent_fit"] = (100 * fit.at(time) / start)[0]
    return shown


def _start(fit: Decay, brightness: np.ndarray) -> np.ndarray:
    """What counts as 100 %: the fitted start, or the first stretch where nothing was fitted.

    NaN where that is 0, as nothing is a share of it.
    """
    start = np.where(np.isfinite(fit.start), fit.start, brightness[:, 0])
    return np.where(start == 0, np.nan, start)


def _ranks(found: Quality, traces: Traces) -> dict[str, Any]:
    """Whether signal-to-noise goes with the classifier's probability, over enough ROIs."""
    known = np.isfinite(found.snr) & np.isfinite(traces.cell_probability)
    probability, snr = traces.cell_probability[known], found.snr[known]
    if known.sum() < _FEWEST_FOR_RANKS or np.ptp(probability) == 0 or np.ptp(snr) == 0:
        return {}
    ranks = spearmanr(probability, snr)
    return {"snr_rank_correlation": float(ranks.statistic), "snr_rank_p": float(ranks.pvalue)}


def _motion(traces: Traces) -> dict[str, Any]:
    """The planes that move most, their mean motion in stretches, and how far frames step."""
    largest = displacement(traces).max(axis=1)
    planes = np.sort(np.argsort(-largest, kind="stable")[:MOST_PLANES])
    shown: dict[str, Any] = {"drawn_plane": planes, "motion_step": _median_step(traces)}
    block = defined(np.zeros(0) if traces.block_motion is None else traces.block_motion)
    if block.size:
        middle, high = np.percentile(block, [50, 99])
        shown |= {"block_motion_median": float(middle), "block_motion_high": float(high)}
    return shown | _stretches(traces, planes)


def _median_step(traces: Traces) -> float:
    """How far the field of view moves from one frame to the next, both of them good."""
    good = ~traces.bad_frame
    steps = np.hypot(np.diff(traces.motion_y, axis=1), np.diff(traces.motion_x, axis=1))
    steps = steps[:, good[1:] & good[:-1]]
    return float(np.median(steps)) if steps.size else np.nan


def _stretches(traces: Traces, planes: np.ndarray) -> dict[str, np.ndarray]:
    """Means of stretches where frames are too many to be drawn: the course without its jitter."""
    frames = traces.bad_frame.size
    if frames <= FRAMES_DRAWN:
        return {}
    edges = np.linspace(0, frames, STRETCHES + 1).astype(int)
    lines = {
        "stretch_motion_y": traces.motion_y,
        "stretch_motion_x": traces.motion_x,
        "stretch_block_motion": traces.block_motion,
        "stretch_correlation": traces.motion_correlation,
    }
    length = np.diff(edges)
    means = {
        name: np.add.reduceat(values[planes].astype(float), edges[:-1], axis=1) / length
        for name, values in lines.items()
        if values is not None
    }
    unknown = np.full((planes.size, STRETCHES), np.nan)
    return {name: means.get(name, unknown) for name in lines} | {
        "stretch_frame": (edges[:-1] + edges[1:]) // 2
    }

"""Traces to what they say about the recording's quality."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twophoton_decode.extraction.quality.measure import quality
from twophoton_decode.extraction.quality.notes import rejection_note
from twophoton_decode.extraction.suite2p.signal_rows import above_dark_level
from twophoton_decode.figures.quality.bleaching import bleaching
from twophoton_decode.figures.quality.images import images_with_rois
from twophoton_decode.figures.quality.motion import motion
from twophoton_decode.figures.quality.neuropil import neuropil
from twophoton_decode.figures.quality.noise import noise
from twophoton_decode.figures.quality.traces import example_traces
from twophoton_decode.pipeline.inputs.timed import timed
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.records import Quality, Traces
from twophoton_decode.records.movie.dark_level import dark_level_advice
from twophoton_decode.statistics.defined import median


def run(work: Work) -> Result:
    """Measure noise, neuropil, bleaching and motion, and say what is off."""
    recording = work.settings.recording
    dark_level = recording.dark_level
    traces = above_dark_level(timed(work.read(Traces, "traces.nc"), recording), dark_level)
    found = quality(traces, work.settings.traces, work.progress)
    rejected = rejection_note(traces, work.settings.extraction.cell_probability)
    found = replace(found, notes=(*rejected, *found.notes))
    advice = dark_level_advice(traces.mean_image, dark_level)
    if advice and not found.usable.all():
        found = replace(found, notes=(*found.notes, f"{advice}."))
    return Result(
        record=found,
        drawings=[
            images_with_rois(traces),
            motion(traces, found),
            example_traces(traces, found),
            noise(traces, found),
            neuropil(traces, found),
            bleaching(traces, found),
        ],
        summary=_summary(traces, found),
        notes=list(found.notes),
    )


def _summary(traces: Traces, found: Quality) -> dict[str, Any]:
    """Medians are over the cells that have ΔF/F."""
    chosen = traces.is_cell & found.usable
    return {
        "noise_level_percent": median(found.noise_level[chosen]),
        "snr": median(found.snr[chosen]),
        "bad_frames": found.bad_frames,
        "largest_motion_px": found.largest_motion,
        "bleaching_percent": found.cell_bleaching,
    }

"""Traces to what they say about the recording's quality."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Quality, Traces
from twophoton_decode.statistics.defined import median

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "quality.nc"


def run(work: StageInput) -> StageOutput:
    """Measure noise, neuropil, bleaching and motion, and say what is off."""
    from twophoton_decode.extraction.quality.measure import quality
    from twophoton_decode.extraction.quality.notes import rejection_note
    from twophoton_decode.pipeline.inputs.session_traces import session_traces
    from twophoton_decode.records.movie.dark_level import dark_level_advice

    traces = session_traces(work)
    found = quality(traces, work.settings.traces, work.progress)
    if not traces.imported_from:
        rejected = rejection_note(traces, work.settings.extraction.cell_probability)
        found = replace(found, notes=(*rejected, *found.notes))
    advice = dark_level_advice(traces.mean_image, work.settings.recording.dark_level)
    if advice and not found.usable.all():
        found = replace(found, notes=(*found.notes, f"{advice}."))
    return StageOutput(record=found, summary=_summary(traces, found), notes=list(found.notes))


def draw(work: StageInput) -> list[Drawing]:
    """Images, motion, example traces, noise, neuropil and bleaching."""
    import numpy as np

    from twophoton_decode.figures.quality.bleaching import bleaching
    from twophoton_decode.figures.quality.images import images_with_rois
    from twophoton_decode.figures.quality.motion import motion
    from twophoton_decode.figures.quality.neuropil import neuropil
    from twophoton_decode.figures.quality.noise import noise
    from twophoton_decode.figures.quality.traces import example_traces
    from twophoton_decode.pipeline.inputs.session_traces import session_traces

    traces, found = session_traces(work), work.read(Quality, FILE)
    moves = np.isfinite(traces.motion_y).any()
    return [
        images_with_rois(traces, work.settings.recording.pixel_um),
        *([motion(traces, found)] if moves else []),
        example_traces(traces, found),
        noise(traces, found),
        *([] if traces.neuropil is None else [neuropil(traces, found)]),
        *([] if traces.is_dff else [bleaching(traces, found)]),
    ]


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


def _brief(numbers: Numbers) -> str:
    noise, snr = numbers["noise_level_percent"], numbers["snr"]
    if noise is None or snr is None:
        return f"noise level unknown; {numbers['bad_frames']} bad frames"
    return (
        f"noise level {noise:.1f} %/√Hz, signal-to-noise {snr:.1f} (medians over cells); "
        f"{numbers['bad_frames']} bad frames"
    )


QUALITY = Stage(
    name="quality",
    command="extract",
    title="noise, neuropil, bleaching and motion of the recording",
    section="Is the recording sound?",
    page_place=70,
    run=run,
    draw=draw,
    file=FILE,
    record=Quality,
    numbers=(
        Number("noise_level_percent", "noise level, %/√Hz, median over cells", ".1f"),
        Number("snr", "signal-to-noise, median over cells", ".1f"),
        Number("bad_frames", "frames flagged for bad motion", ".0f"),
        Number("bleaching_percent", "loss of fluorescence over the recording, %", ".0f"),
    ),
    reads=("extract",),
    depends_on=(
        "traces", "recording.frame_times", "recording.dark_level", "extraction.cell_probability",
    ),
    revision=4,
    figure_revision=2,
    brief=_brief,
)  # fmt: skip

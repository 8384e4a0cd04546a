"""A simulated recording: what was recovered of the truth?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from twophoton_decode.errors import AnalysisError
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Encoding, Record, Recovery, Responses
from twophoton_decode.statistics.defined import median

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

R = TypeVar("R", bound=Record)
FILE = "recovery.nc"


def run(work: StageInput) -> StageOutput:
    """Compare traces, responses and receptive fields with what was planted."""
    from twophoton_decode.pipeline.inputs.session_traces import session_traces
    from twophoton_decode.pipeline.inputs.sources import source_paths
    from twophoton_decode.simulation.recovery import recovery
    from twophoton_decode.simulation.truth import read_truth

    traces = session_traces(work)
    planes, height, width = traces.mean_image.shape
    if planes != 1:
        raise AnalysisError(f"simulated movies have one plane; this one has {planes}.")
    (path,) = source_paths(work.folder, work.settings.source, "truth")
    found = recovery(
        read_truth(path, (height, width), traces.fluorescence.shape[1]),
        traces,
        work.settings.traces,
        _current(work, "respond", Responses, "responses.nc"),
        _current(work, "encode", Encoding, "encoding.nc"),
    )
    return StageOutput(record=found, summary=_summary(found), notes=found.notes)


def draw(work: StageInput) -> list[Drawing]:
    """What was recovered of each planted cell."""
    from twophoton_decode.figures.quality.recovery import recovered

    return [recovered(work.read(Recovery, FILE))]


def _current(work: StageInput, stage: str, kind: type[R], file: str) -> R | None:
    """The record of a stage that has run and is not stale; None otherwise."""
    entry = work.ledger.get(stage)
    if entry is None or entry.unavailable or stage in work.stale:
        return None
    return work.read(kind, file)


def _summary(found: Recovery) -> dict[str, Any]:
    """Counts, and medians over the planted cells where they are defined."""
    return {
        "planted_cells": len(found.roi),
        "planted_cells_found": int(found.found.sum()),
        "cells": found.cells,
        "true_cells": found.true_cells,
        "trace_r": median(found.trace_r),
        "response_r": median(found.response_r),
        "field_r": median(found.field_r),
    }


def _brief(numbers: Numbers) -> str:
    return (
        f"simulated: {numbers['planted_cells_found']} of {numbers['planted_cells']} planted cells "
        f"found; {numbers['true_cells']} of {numbers['cells']} cells are planted ones"
    )


RECOVERY = Stage(
    name="recovery",
    command="run",
    title="of a simulated movie alone: what came back of the truth",
    section="What was recovered of the truth",
    page_place=90,
    run=run,
    draw=draw,
    file=FILE,
    record=Recovery,
    numbers=(
        Number("planted_cells_found", "planted cells that were found", ".0f"),
        Number("trace_r", "r of traces with the truth, median"),
        Number("response_r", "r of responses with the truth, median"),
        Number("field_r", "r of receptive fields with the truth, median"),
    ),
    reads=("extract",),
    uses=("respond", "encode"),
    sources=("truth",),
    depends_on=("traces", "recording.frame_times", "recording.dark_level"),
    brief=_brief,
    revision=2,
)

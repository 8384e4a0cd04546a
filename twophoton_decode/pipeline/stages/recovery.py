"""A simulated recording: what was recovered of the truth?"""

from __future__ import annotations

from typing import Any, TypeVar

from twophoton_decode.errors import AnalysisError
from twophoton_decode.figures.quality.recovery import recovered
from twophoton_decode.pipeline.inputs.sources import source_paths
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.records import Encoding, Record, Recovery, Responses, Traces
from twophoton_decode.simulation.recovery import recovery
from twophoton_decode.simulation.truth import read_truth
from twophoton_decode.statistics.defined import median

R = TypeVar("R", bound=Record)


def run(work: Work) -> Result:
    """Compare traces, responses and receptive fields with what was planted."""
    traces = work.read(Traces, "traces.nc")
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
    return Result(
        record=found, drawings=[recovered(found)], summary=_summary(found), notes=found.notes
    )


def _current(work: Work, stage: str, kind: type[R], file: str) -> R | None:
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

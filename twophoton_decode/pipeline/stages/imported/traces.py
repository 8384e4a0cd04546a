"""What stages of imported traces have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.pipeline.stages.extract import EXTRACT, FILE, brief, draw
from twophoton_decode.records import Traces
from twophoton_decode.words import counted


def imported_stage(
    title: str, run: Callable[[StageInput], StageOutput], choices: tuple[str, ...] = ()
) -> Stage:
    """The stage that stands for extraction where `run` reads traces of another program.

    `choices` are the settings that say which of several.
    """
    return Stage(
        name=EXTRACT.name,
        command="run",
        title=title,
        section=EXTRACT.section,
        page_place=EXTRACT.page_place,
        run=run,
        draw=draw,
        file=FILE,
        record=Traces,
        numbers=EXTRACT.numbers,
        sources=("traces",),
        depends_on=("recording.frame_rate_hz", *choices),
        brief=brief,
    )


def output_of(traces: Traces) -> StageOutput:
    """The record with its numbers and notes."""
    planes, height, width = traces.mean_image.shape
    frames = traces.bad_frame.size
    summary: dict[str, Any] = {
        "planes": planes,
        "frames": frames,
        "rois": traces.plane.size,
        "cells": int(traces.is_cell.sum()),
        "imported_from": traces.imported_from,
        "movie": f"{frames} frames of {height} × {width} px, {traces.duration_s:.1f} s",
        "microscope": f"{counted(planes, 'plane')}; {traces.frame_rate_hz:.6g} Hz",
    }
    return StageOutput(record=traces, summary=summary, notes=list(traces.notes))

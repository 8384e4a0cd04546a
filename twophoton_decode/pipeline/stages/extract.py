"""ROIs in suite2p's folder to the traces of the session, edits in its GUI included."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Traces

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "traces.nc"
BEFORE = ("register", "detect")
CURATED = "ROIs were changed in suite2p's GUI"


def run(work: StageInput) -> StageOutput:
    """Read the ROIs as detection, or the user's edits since, left them."""
    from twophoton_decode.extraction.curation.edits import (
        doubtful_edits,
        fingerprint,
        is_edited,
        is_whole,
    )
    from twophoton_decode.extraction.suite2p.output import read_folder
    from twophoton_decode.pipeline.inputs.edited_rois import rois_are_edited

    begun = time.monotonic()
    folder = work.folder.suite2p
    if not is_whole(folder):
        _restore(work)
    elif rois_are_edited(work):
        _bring_in_edits(work)
    # Before they are read: what is edited meanwhile is then seen as edited the next time.
    rois = fingerprint(folder)
    traces = read_folder(folder, curated=is_edited(folder))
    notes = doubtful_edits(folder) if traces.curated else []
    if traces.curated:
        notes.insert(0, f"{CURATED}: {int(traces.is_cell.sum())} cells")
    return StageOutput(
        record=traces,
        summary=_summary(traces) | _of_movie(work) | {"seconds": _seconds(work, begun)},
        notes=notes + list(traces.notes),
        extra_inputs={"rois": rois},
    )


def draw(work: StageInput) -> list[Drawing]:
    """The field of view with its ROIs."""
    from twophoton_decode.figures.quality.field_of_view import field_of_view

    return [field_of_view(work.read(Traces, FILE), None)]


def _restore(work: StageInput) -> None:
    """Detect again: the folder is gone, or lacks a file."""
    from twophoton_decode.pipeline.inputs.edited_rois import back_up_edits
    from twophoton_decode.pipeline.stages.detect import detect_anew

    back_up_edits(work)
    detect_anew(work)


def _bring_in_edits(work: StageInput) -> None:
    from twophoton_decode.extraction.curation.edits import refuse_damage
    from twophoton_decode.extraction.curation.labels import bring_clicks_to_planes
    from twophoton_decode.extraction.suite2p.output import plane_folders
    from twophoton_decode.extraction.suite2p.stored_times import has_frame_times

    refuse_damage(work.folder.suite2p)
    bring_clicks_to_planes(plane_folders(work.folder.suite2p))
    if not has_frame_times(work.folder.suite2p):
        add_frame_times(work)


def add_frame_times(work: StageInput) -> None:
    """Time the frames of ROIs that an earlier version detected and the user has edited since."""
    from twophoton_decode.extraction.suite2p.stored_times import write_frame_times
    from twophoton_decode.pipeline.plan.movie import plan_movie, read_header

    header = read_header(work.folder, work.settings)
    recording = plan_movie(work.folder, work.settings, header).recording
    write_frame_times(work.folder.suite2p, recording.times)


def _of_movie(work: StageInput) -> dict[str, Any]:
    """The words on the movie, which is not opened to read ROIs.

    Earlier versions kept them with motion correction, which knows no frame rate.
    """
    told = [entry.summary for key in reversed(BEFORE) if (entry := work.ledger.get(key))]
    return dict(next(filter(None, told), {}))


def _seconds(work: StageInput, begun: float) -> float:
    """What extraction took from the movie to traces."""
    before = [entry.seconds for key in BEFORE if (entry := work.ledger.get(key))]
    return round(sum(before) + time.monotonic() - begun, 3)


def _summary(traces: Traces) -> dict[str, Any]:
    return {
        "planes": traces.mean_image.shape[0],
        "frames": traces.fluorescence.shape[1],
        "rois": traces.fluorescence.shape[0],
        "cells": int(traces.is_cell.sum()),
    }


def brief(numbers: Numbers) -> str:
    """How many cells were found."""
    return f"{numbers['cells']} cells among {numbers['rois']} ROIs, {numbers['frames']} frames"


EXTRACT = Stage(
    name="extract",
    title="fluorescence of every ROI",
    section="From the movie to cells",
    page_place=80,
    run=run,
    draw=draw,
    file=FILE,
    record=Traces,
    numbers=(
        Number("rois", "regions found", ".0f"),
        Number("cells", "regions classified as cells", ".0f"),
    ),
    reads=("detect",),
    begins_with=BEFORE,
    revision=3,
    brief=brief,
)

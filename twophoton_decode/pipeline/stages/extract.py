"""Raw TIFFs to the traces of all ROIs."""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING, Any

from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.extraction.curation.edits import (
    back_up,
    doubtful_edits,
    fingerprint,
    is_as_written,
    is_edited,
    refuse_damage,
)
from twophoton_decode.extraction.curation.labels import bring_clicks_to_planes
from twophoton_decode.extraction.suite2p.output import ORIGIN, plane_folders, read_folder
from twophoton_decode.extraction.suite2p.process import Suite2pProcess
from twophoton_decode.extraction.suite2p.stored_times import has_frame_times
from twophoton_decode.pipeline.freshness import CURATED
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Traces
from twophoton_decode.settings import ExtractionSettings

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "traces.nc"
CLASSIFIER = "extraction.classifier"


def run(work: StageInput) -> StageOutput:
    """Detect ROIs, or read them again where the user has edited them in suite2p's GUI."""
    begun = time.monotonic()
    rate = work.settings.recording.frame_rate_hz
    if rate == 0:
        raise UsageError(
            "the movie's files do not say how many frames were taken per second. Set "
            f"frame_rate_hz in [recording] of {work.folder.settings_file}, or run "
            f"`tpdecode extract {work.folder.path} --frame-rate-hz HZ`."
        )
    if _edits_stand(work):
        refuse_damage(work.folder.suite2p)
        bring_clicks_to_planes(plane_folders(work.folder.suite2p))
        if not has_frame_times(work.folder.suite2p):
            from twophoton_decode.pipeline.stages.detect import add_frame_times

            add_frame_times(work)
        movie = _former_words(work)
    else:
        movie = _detect(work, rate)
    # Before they are read: what is edited meanwhile is then seen as edited the next time.
    rois = fingerprint(work.folder.suite2p)
    traces = read_folder(work.folder.suite2p, curated=is_edited(work.folder.suite2p))
    notes = doubtful_edits(work.folder.suite2p) if traces.curated else []
    if traces.curated:
        notes.insert(0, f"{CURATED}: {int(traces.is_cell.sum())} cells")
    return StageOutput(
        record=traces,
        summary=_summary(traces) | movie | {"seconds": time.monotonic() - begun},
        notes=notes + list(traces.notes),
        extra_inputs={"rois": rois},
    )


def _edits_stand(work: StageInput) -> bool:
    """Whether the user has edited ROIs and nothing asks to detect them anew."""
    if work.discard_curation or "extract" not in work.ledger:
        return False
    # That the program was improved is no reason to lose what the user did.
    asking = ("setting", "movie", CLASSIFIER)
    anew = any(change.startswith(asking) for change in work.changes)
    return not anew and _is_edited(work)


def _is_edited(work: StageInput) -> bool:
    """By what lies beside the ROIs, as the ledger knows nothing of a run that was killed after
    it had detected them; by the ledger where that is lost.
    """
    if (work.folder.suite2p / ORIGIN).exists():
        return is_edited(work.folder.suite2p)
    return CURATED in work.changes


def _former_words(work: StageInput) -> dict[str, Any]:
    """What the last extraction said of the movie, which is not opened to read ROIs again."""
    former = work.ledger.get("extract")
    said = former.summary if former else {}
    return {key: said[key] for key in ("movie", "microscope") if key in said}


def _detect(work: StageInput, rate: float) -> dict[str, str]:
    _keep_edits(work)
    settings = _with_classifier_found(work)
    try:
        with Suite2pProcess(
            work.folder.logs / "extract.log",
            work.folder.scratch,
            classifier=settings.classifier,
            device=settings.device,
        ) as suite2p:
            # suite2p takes seconds to import; what is needed here is imported meanwhile.
            from twophoton_decode.pipeline.stages.detect import detect

            return detect(work, rate, settings, suite2p)
    finally:
        shutil.rmtree(work.folder.scratch, ignore_errors=True)


def _with_classifier_found(work: StageInput) -> ExtractionSettings:
    """The settings with the classifier's path, which is relative to the session, complete."""
    settings = work.settings.extraction
    if not settings.classifier:
        return settings
    path = (work.folder.path / settings.classifier).absolute()
    return settings.model_copy(update={"classifier": str(path)})


def _keep_edits(work: StageInput) -> None:
    """Refuse to replace edited ROIs, or back them up where the user wants it."""
    if _is_edited(work) and not work.discard_curation:
        why = "; ".join(work.changes) or "there is no record of how they were made"
        raise SessionError(
            "the ROIs were edited in suite2p's GUI, and extracting again would replace them "
            f"({why}). Undo that change to keep them, or give --discard-curation: a backup is "
            "made first."
        )
    if work.folder.suite2p.exists() and not is_as_written(work.folder.suite2p):
        back_up(work.folder.suite2p)


def _summary(traces: Traces) -> dict[str, Any]:
    return {
        "planes": traces.mean_image.shape[0],
        "frames": traces.fluorescence.shape[1],
        "rois": traces.fluorescence.shape[0],
        "cells": int(traces.is_cell.sum()),
    }


def draw(work: StageInput) -> list[Drawing]:
    """The field of view with its ROIs."""
    from twophoton_decode.figures.quality.field_of_view import field_of_view

    return [field_of_view(work.read(Traces, FILE), None)]


def brief(numbers: Numbers) -> str:
    """How many cells were found."""
    return f"{numbers['cells']} cells among {numbers['rois']} ROIs, {numbers['frames']} frames"


EXTRACT = Stage(
    name="extract",
    title="fluorescence of every ROI",
    section="From the movie to cells",
    run=run,
    draw=draw,
    file=FILE,
    record=Traces,
    numbers=(
        Number("rois", "regions found", ".0f"),
        Number("cells", "regions classified as cells", ".0f"),
    ),
    sources=("movie", "extraction.classifier"),
    depends_on=(
        "recording.frame_rate_hz", "recording.planes", "recording.channels",
        "recording.functional_channel", "recording.use_planes", "recording.line_offset_px",
        "extraction",
    ),
    revision=3,
    brief=brief,
)  # fmt: skip

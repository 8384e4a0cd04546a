"""Raw TIFFs to the traces of all ROIs."""

from __future__ import annotations

import shutil
from typing import Any

from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.extraction.curation import back_up, fingerprint, is_as_written, is_edited
from twophoton_decode.extraction.suite2p_engine import extract
from twophoton_decode.extraction.suite2p_output import read_folder
from twophoton_decode.pipeline.freshness import CURATED
from twophoton_decode.pipeline.sources import source_paths
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.recording.frames import check_one
from twophoton_decode.recording.intensity import write_int16
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.records import Traces
from twophoton_decode.report.recording import field_of_view
from twophoton_decode.settings import ExtractionSettings


def run(work: Work) -> Result:
    """Detect ROIs, or read them again where the user has edited them in suite2p's GUI."""
    rate = work.settings.recording.frame_rate_hz
    if rate == 0:
        raise UsageError(
            "the movie's files do not say how many frames were taken per second. Set "
            f"frame_rate_hz in [recording] of {work.folder.settings_file}, or give "
            "--frame-rate-hz."
        )
    traces = _edited(work) if _edits_stand(work) else _detected(work, rate)
    notes = [f"{CURATED}: {int(traces.is_cell.sum())} cells"] if traces.curated else []
    return Result(
        record=traces,
        drawings=[field_of_view(traces, None)],
        summary=_summary(traces),
        notes=notes + list(traces.notes),
        extra_inputs={"rois": fingerprint(work.folder.suite2p)},
    )


def _edits_stand(work: Work) -> bool:
    """Whether the user has edited ROIs and nothing asks to detect them anew."""
    if work.discard_curation or "extract" not in work.ledger:
        return False
    anew = any(change.startswith(("setting", "movie")) for change in work.changes)
    return not anew and _is_edited(work)


def _is_edited(work: Work) -> bool:
    return CURATED in work.changes or is_edited(work.folder.suite2p)


def _edited(work: Work) -> Traces:
    return read_folder(work.folder.suite2p, curated=is_edited(work.folder.suite2p))


def _detected(work: Work, rate: float) -> Traces:
    recording = open_recording(source_paths(work.folder, work.settings.source, "movie"))
    check_one(recording)
    if _is_edited(work) and not work.discard_curation:
        why = "; ".join(work.changes) or "the ledger does not know how they were made"
        raise SessionError(
            "the ROIs were edited in suite2p's GUI, and extracting again would replace them "
            f"({why}). Undo that change to keep them, or give --discard-curation: a backup is "
            "made first."
        )
    if work.folder.suite2p.exists() and not is_as_written(work.folder.suite2p):
        back_up(work.folder.suite2p)
    batch = work.settings.extraction.batch_frames
    try:
        return extract(
            recording,
            lambda path, progress: write_int16(
                recording, path, batch_frames=batch, progress=progress
            ),
            frame_rate_hz=rate,
            settings=_with_classifier_found(work),
            folder=work.folder.suite2p,
            logs=work.folder.logs,
            scratch=work.folder.scratch,
            progress=work.progress,
        )
    finally:
        shutil.rmtree(work.folder.scratch, ignore_errors=True)


def _with_classifier_found(work: Work) -> ExtractionSettings:
    """The settings with the classifier's path, which is relative to the session, complete."""
    settings = work.settings.extraction
    if not settings.classifier:
        return settings
    return settings.model_copy(update={"classifier": str(work.folder.path / settings.classifier)})


def _summary(traces: Traces) -> dict[str, Any]:
    return {
        "planes": traces.mean_image.shape[0],
        "frames": traces.fluorescence.shape[1],
        "rois": traces.fluorescence.shape[0],
        "cells": int(traces.is_cell.sum()),
    }

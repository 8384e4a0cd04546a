"""Raw TIFFs to the traces of all ROIs."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import Any

from twophoton_decode.errors import SessionError, UsageError
from twophoton_decode.extraction.curation import back_up, fingerprint, is_as_written, is_edited
from twophoton_decode.extraction.suite2p_engine import Plane, extract
from twophoton_decode.extraction.suite2p_output import read_folder
from twophoton_decode.pipeline.freshness import CURATED
from twophoton_decode.pipeline.sources import Fingerprints, source_paths
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.pipeline.steps.intensities import intensities
from twophoton_decode.recording.frames import select
from twophoton_decode.recording.movie import open_recording
from twophoton_decode.recording.plane_movie import PlaneMovie
from twophoton_decode.recording.planes import structural_channel, used
from twophoton_decode.records import IntensityMapping, Recording, Traces
from twophoton_decode.report.recording import field_of_view
from twophoton_decode.settings import ExtractionSettings, RecordingSettings


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
    # That the program was improved is no reason to lose what the user did.
    anew = any(change.startswith(("setting", "movie")) for change in work.changes)
    return not anew and _is_edited(work)


def _is_edited(work: Work) -> bool:
    return CURATED in work.changes or is_edited(work.folder.suite2p)


def _edited(work: Work) -> Traces:
    return read_folder(work.folder.suite2p, curated=is_edited(work.folder.suite2p))


def _detected(work: Work, rate: float) -> Traces:
    _keep_edits(work)
    settings = work.settings
    paths = source_paths(work.folder, settings.source, "movie")
    recording = used(open_recording(paths), settings.recording)
    movie = Fingerprints(work.folder.private / "fingerprints.json").of(paths)
    seen = intensities(work, recording, movie)
    try:
        return extract(
            _planes(recording, settings.recording, seen.mapping, movie),
            seen.mapping,
            frame_rate_hz=rate,
            settings=_with_classifier_found(work),
            folder=work.folder.suite2p,
            logs=work.folder.logs,
            scratch=work.folder.scratch,
            notes=[
                *recording.warnings,
                recording.doubt_about_rate(rate),
                *seen.notes(settings.recording.line_offset_px),
            ],
            progress=work.progress,
        )
    finally:
        shutil.rmtree(work.folder.scratch, ignore_errors=True)


def _keep_edits(work: Work) -> None:
    """Refuse to replace edited ROIs, or back them up where the user wants it."""
    if _is_edited(work) and not work.discard_curation:
        why = "; ".join(work.changes) or "the ledger does not know how they were made"
        raise SessionError(
            "the ROIs were edited in suite2p's GUI, and extracting again would replace them "
            f"({why}). Undo that change to keep them, or give --discard-curation: a backup is "
            "made first."
        )
    if work.folder.suite2p.exists() and not is_as_written(work.folder.suite2p):
        back_up(work.folder.suite2p)


def _planes(
    recording: Recording, settings: RecordingSettings, mapping: IntensityMapping, movie: str
) -> list[Plane]:
    """Each plane's movie, with what it depends on."""
    functional = settings.functional_channel - 1
    structural = structural_channel(recording, settings.functional_channel)
    assert recording.plane_number is not None
    assert recording.plane_delay_s is not None
    return [
        Plane(
            number=int(recording.plane_number[index]) - 1,
            movie=PlaneMovie(
                select(recording, index, functional),
                None if structural is None else select(recording, index, structural),
                mapping,
                settings.line_offset_px,
            ),
            delay_s=float(recording.plane_delay_s[index]),
            origin={
                "files": movie,
                # What files that do not say it were taken for.
                "interleaved": [settings.planes, settings.channels],
                "plane": int(recording.plane_number[index]),
                "channel": functional,
                "line_offset_px": settings.line_offset_px,
                "intensity": asdict(mapping),
            },
        )
        for index in range(recording.planes)
    ]


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

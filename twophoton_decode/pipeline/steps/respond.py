"""Traces and stimulus log to one response per cell and presentation."""

from __future__ import annotations

import numpy as np

from twophoton_decode.extraction.traces import signal_of, signal_unit
from twophoton_decode.pipeline.sources import source_paths, split_key
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.pipeline.steps.responses_summary import drawings_of, summary_of
from twophoton_decode.recording.stimulus_images import read_pictures
from twophoton_decode.recording.stimulus_log import read_log
from twophoton_decode.records import Traces
from twophoton_decode.report.recording import field_of_view
from twophoton_decode.report.responsive_maps import responsive_maps
from twophoton_decode.responses.respond import respond


def run(work: Work) -> Result:
    """Align log and movie, average over the windows, describe the responses."""
    settings = work.settings
    traces = work.read(Traces, "traces.nc")
    pictures = read_pictures(
        source_paths(work.folder, settings.source, "images")[0],
        settings.images.size_px,
        key=split_key(settings.source.images)[1],
        shape=settings.source.picture_shape,
    )
    log = source_paths(work.folder, settings.source, "log")[0]
    presentations = read_log(
        log,
        pictures.name,
        first_index=settings.recording.first_index,
        frame_rate_hz=traces.frame_rate_hz,
    )

    def signal(rois: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return signal_of(traces, rois, settings.traces)

    responses = respond(
        presentations,
        pictures.picture,
        pictures.name,
        pictures.notes,
        signal=signal,
        traces=traces,
        unit=signal_unit(settings.traces),
        settings=settings.responses,
        log_name=log.name,
        seed=settings.decoding.seed,
        progress=work.progress,
    )
    return Result(
        record=responses,
        drawings=[
            *drawings_of(responses),
            responsive_maps(traces, responses),
            field_of_view(traces, responses),
        ],
        summary=summary_of(responses),
        notes=responses.notes,
    )

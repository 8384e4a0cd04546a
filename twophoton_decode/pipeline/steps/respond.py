"""Traces and stimulus log to one response per cell and presentation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twophoton_decode.extraction.traces import neuropil_coefficients, signal_of, signal_unit
from twophoton_decode.pipeline.sources import source_paths, split_key
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.pipeline.steps.chosen_rois import (
    choice_note,
    chosen_rois,
    numbering_warning,
)
from twophoton_decode.pipeline.steps.responses_summary import drawings_of, summary_of
from twophoton_decode.recording.stimulus_images import StimulusPictures, read_pictures
from twophoton_decode.recording.stimulus_log import read_log
from twophoton_decode.records import Responses, Traces
from twophoton_decode.report.recording import field_of_view
from twophoton_decode.report.responsive_maps import responsive_maps
from twophoton_decode.responses.respond import classified_cells, respond


def run(work: Work) -> Result:
    """Align log and movie, average over the windows, describe the responses."""
    traces = work.read(Traces, "traces.nc")
    chosen = chosen_rois(work, traces)
    responses = _responses(work, traces, _pictures(work), chosen)
    return Result(
        record=responses,
        drawings=[
            *drawings_of(responses),
            responsive_maps(traces, responses),
            field_of_view(traces, responses),
        ],
        summary=summary_of(responses),
        notes=[*numbering_warning(work), *responses.notes],
    )


def _pictures(work: Work) -> StimulusPictures:
    source = work.settings.source
    return read_pictures(
        source_paths(work.folder, source, "images")[0],
        work.settings.images.size_px,
        key=split_key(source.images)[1],
        axes=source.image_axes,
        shape=source.picture_shape,
    )


def _responses(
    work: Work, traces: Traces, pictures: StimulusPictures, chosen: np.ndarray | None
) -> Responses:
    settings = work.settings
    log = source_paths(work.folder, settings.source, "log")[0]
    presentations = read_log(
        log,
        pictures.name,
        first_index=settings.recording.first_index,
        frame_rate_hz=traces.frame_rate_hz,
    )
    cells = classified_cells(traces) if chosen is None else chosen
    neuropil = neuropil_coefficients(traces, cells, settings.traces, work.progress)

    def signal(rois: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        coefficient = neuropil.value[np.searchsorted(cells, rois)]
        return signal_of(traces, rois, settings.traces, coefficient)

    responses = respond(
        presentations,
        pictures.picture,
        pictures.name,
        [*pictures.notes, *choice_note(chosen, traces), *neuropil.notes],
        signal=signal,
        traces=traces,
        unit=signal_unit(settings.traces),
        settings=settings.responses,
        rois=cells,
        log_name=log.name,
        seed=settings.decoding.seed,
        progress=work.progress,
    )
    used = np.searchsorted(cells, responses.roi)
    return replace(
        responses,
        neuropil_coefficient=neuropil.value[used],
        neuropil_origin=neuropil.origin[used],
    )

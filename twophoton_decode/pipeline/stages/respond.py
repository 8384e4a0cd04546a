"""Traces and stimulus log to one response per cell and presentation."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.pipeline.results.responses_summary import (
    NUMBERS,
    SECTION,
    brief,
    drawings_of,
    summary_of,
)
from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.records import Presentations, Responses, Traces
from twophoton_decode.settings import ResponseSettings

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing
    from twophoton_decode.stimulus.pictures import StimulusPictures

FILE = "responses.nc"
RESPONSE_SETTINGS = tuple(
    f"responses.{name}" for name in ResponseSettings.model_fields if name != "time_bins_s"
)
"""Time bins have a stage of their own, so that they make no response stale."""
POPULATIONS_FILE = "responses.populations_file"


def run(work: StageInput) -> StageOutput:
    """Align log and movie, average over the windows, describe the responses."""
    from twophoton_decode.pipeline.inputs.chosen_rois import chosen_rois, numbering_warning
    from twophoton_decode.pipeline.inputs.session_traces import session_traces
    from twophoton_decode.pipeline.plan.log import presentations_of
    from twophoton_decode.pipeline.plan.sentence import stimulus_words

    traces = session_traces(work)
    chosen = chosen_rois(work, traces)
    pictures = pictures_of(work)
    presentations = presentations_of(work.folder, work.settings, pictures.name, traces)
    responses = _with_clock_note(
        _responses(work, traces, pictures, presentations, chosen), presentations, traces, work
    )
    shown = stimulus_words(presentations, traces.duration_s)
    return StageOutput(
        record=responses,
        summary=summary_of(responses) | {"stimulus": shown},
        notes=[*numbering_warning(work), *responses.notes],
    )


def draw(work: StageInput) -> list[Drawing]:
    """How cells respond, and where in the field of view."""
    from twophoton_decode.figures.quality.field_of_view import field_of_view
    from twophoton_decode.figures.responses.responsive_maps import responsive_maps
    from twophoton_decode.pipeline.inputs.session_traces import session_traces

    traces, responses = session_traces(work), work.read(Responses, FILE)
    pixel_um = work.settings.recording.pixel_um
    return [
        *drawings_of(responses, pixel_um),
        responsive_maps(traces, responses),
        field_of_view(traces, responses, pixel_um),
    ]


def _with_clock_note(
    responses: Responses, presentations: Presentations, traces: Traces, work: StageInput
) -> Responses:
    """The record with a note on whether its responses move against the onsets."""
    from twophoton_decode.responses.clock.sentences import remedy_in_log, said_of_shift

    settings = work.settings
    in_stamps = settings.recording.onset_clock == "microscope"
    remedy = partial(
        remedy_in_log,
        log=settings.log,
        in_frames=presentations.onsets_in_frames,
        zero_s=(traces.first_stamp_s or 0.0) if in_stamps else 0.0,
        rate_hz=traces.frame_rate_hz if traces.frame_time_s is None else 0.0,
    )
    shift, ci95 = responses.clock_shift_s_per_min, responses.clock_shift_ci95
    said = said_of_shift(shift, ci95, responses.onset_s, remedy)
    return replace(responses, notes=[*responses.notes, *said])


def _dark_level_note(level: float) -> list[str]:
    if not level:
        return []
    return [f"F and neuropil are counted from {level:g} grey levels (dark_level in [recording])."]


def pictures_of(work: StageInput) -> StimulusPictures:
    """The pictures of ``[source] images`` at working size."""
    from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
    from twophoton_decode.stimulus.pictures import read_pictures

    source = work.settings.source
    return read_pictures(
        source_paths(work.folder, source, "images")[0],
        work.settings.images.size_px,
        key=split_key(source.images)[1],
        axes=source.image_axes,
        shape=source.picture_shape,
    )


def _responses(
    work: StageInput,
    traces: Traces,
    pictures: StimulusPictures,
    presentations: Presentations,
    chosen: np.ndarray | None,
) -> Responses:
    from twophoton_decode.extraction.signals.delta_f import (
        neuropil_coefficients,
        signal_of,
        signal_unit,
    )
    from twophoton_decode.pipeline.inputs.chosen_rois import choice_note
    from twophoton_decode.pipeline.inputs.sources import source_paths
    from twophoton_decode.pipeline.plan.given_folds import folds_in_log
    from twophoton_decode.records.movie.dark_level import dark_level_advice
    from twophoton_decode.responses.respond import classified_cells, respond
    from twophoton_decode.responses.shown import with_shown
    from twophoton_decode.responses.windows.onset_clock import clock_note

    settings = work.settings
    clock = settings.recording.onset_clock
    cells = classified_cells(traces) if chosen is None else chosen
    neuropil = neuropil_coefficients(traces, cells, settings.traces, work.progress)

    def signal(rois: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        coefficient = neuropil.value[np.searchsorted(cells, rois)]
        return signal_of(traces, rois, settings.traces, coefficient)

    responses = respond(
        presentations,
        pictures.picture,
        pictures.name,
        [
            *pictures.notes,
            *clock_note(clock, traces),
            *choice_note(chosen, traces),
            *_dark_level_note(settings.recording.dark_level),
            *neuropil.notes,
        ],
        signal=signal,
        traces=traces,
        unit=signal_unit(settings.traces),
        settings=settings.responses,
        rois=cells,
        log_name=source_paths(work.folder, settings.source, "log")[0].name,
        remedy=dark_level_advice(traces.mean_image, settings.recording.dark_level),
        image_fold=folds_in_log(work, presentations),
        seed=settings.decoding.seed,
        progress=work.progress,
    )
    used = np.searchsorted(cells, responses.roi)
    population, more = _populations(work, responses.roi, traces.plane.size)
    return with_shown(
        replace(
            responses,
            population=population,
            notes=[*responses.notes, *more],
            neuropil_coefficient=neuropil.value[used],
            neuropil_error=neuropil.error[used],
            neuropil_origin=neuropil.origin[used],
        )
    )


def _populations(
    work: StageInput, cells: np.ndarray, rois: int
) -> tuple[np.ndarray | None, list[str]]:
    """The population of each cell, and notes; None where no file names any."""
    from twophoton_decode.pipeline.inputs.sources import input_paths
    from twophoton_decode.responses.populations import read_populations

    paths = input_paths(work.folder, work.settings, POPULATIONS_FILE)
    return read_populations(paths[0], cells, rois) if paths else (None, [])


RESPOND = Stage(
    name="respond",
    title="one response per cell and presentation",
    section=SECTION,
    page_place=60,
    run=run,
    draw=draw,
    file=FILE,
    record=Responses,
    numbers=NUMBERS,
    reads=("extract",),
    sources=("log", "images", "responses.cells_file", POPULATIONS_FILE),
    depends_on=(
        "recording.first_index", "recording.frame_times", "recording.onset_clock",
        "recording.dark_level", "log", "traces", *RESPONSE_SETTINGS, "images", "source.image_shape",
        "source.image_axes", "source.images", "decoding.folds_from",
        "decoding.seed",
    ),
    revision=8,
    figure_revision=2,
    brief=brief,
)  # fmt: skip

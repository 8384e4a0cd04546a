"""Other people's response matrices to responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twophoton_decode.errors import SettingsError
from twophoton_decode.pipeline.results.responses_summary import (
    NUMBERS,
    SECTION,
    brief,
    drawings_of,
    summary_of,
)
from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.pipeline.stages.respond import RESPONSE_SETTINGS
from twophoton_decode.records import Responses

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "responses.nc"
POPULATIONS_FILE = "responses.populations_file"


def run(work: StageInput) -> StageOutput:
    """Read the arrays that ``[source]`` names and describe them as any responses."""
    from twophoton_decode.formats.arrays import import_arrays
    from twophoton_decode.formats.matrices.cell_table import read_positions
    from twophoton_decode.pipeline.inputs.sources import input_paths, source_paths, split_key
    from twophoton_decode.pipeline.plan.given_folds import folds_in_table
    from twophoton_decode.pipeline.plan.sentence import arrays_words
    from twophoton_decode.responses.shown import with_shown

    source = work.settings.source
    if work.settings.responses.cells_file:
        raise SettingsError(
            "cells_file in [responses] lists ROIs of a movie, but this session has imported "
            "arrays. Leave it empty, and import the cells that are wanted."
        )
    labels, groups = (source_paths(work.folder, source, name) for name in ("labels", "groups"))
    cells = source_paths(work.folder, source, "cell_table")
    populations = input_paths(work.folder, work.settings, POPULATIONS_FILE)
    images = next(iter(source_paths(work.folder, source, "images")), None)
    responses = import_arrays(
        source_paths(work.folder, source, "responses")[0],
        source.axes,
        images,
        average=source.average,
        join=source.join,
        responses_key=split_key(source.responses)[1],
        images_key=split_key(source.images)[1],
        labels=labels[0] if labels else None,
        labels_key=split_key(source.labels)[1],
        groups=groups[0] if groups else None,
        groups_key=split_key(source.groups)[1],
        image_shape=source.picture_shape,
        image_axes=source.image_axes,
        size_px=work.settings.images.size_px,
        settings=work.settings.responses,
        first_index=work.settings.recording.first_index,
        log=work.settings.log,
        populations=populations[0] if populations else None,
        image_fold=folds_in_table(work),
        position=read_positions(cells[0]) if cells else None,
        seed=work.settings.decoding.seed,
    )
    responses = with_shown(responses)
    return StageOutput(
        record=responses,
        summary=summary_of(responses)
        | {"stimulus": arrays_words(responses, images.name if images else None)},
        notes=responses.notes,
    )


def draw(work: StageInput) -> list[Drawing]:
    """How cells respond, and how that depends on where they lie, if it is known."""
    responses = work.read(Responses, FILE)
    return drawings_of(responses, 0.0 if responses.position is None else 1.0)


RESPOND_FROM_ARRAYS = Stage(
    name="respond",
    title="responses of imported arrays",
    section=SECTION,
    page_place=60,
    run=run,
    draw=draw,
    file=FILE,
    record=Responses,
    numbers=NUMBERS,
    sources=(
        "responses", "images", "labels", "groups", "picture_table", "cell_table", POPULATIONS_FILE,
    ),
    depends_on=(
        *RESPONSE_SETTINGS, "images", "source.axes", "source.average", "source.join",
        "source.image_shape", "source.image_axes", "source.responses", "source.images",
        "source.labels", "source.groups", "recording.first_index", "log.picture_numbers",
        "log.blank_values", "decoding.folds_from", "decoding.seed",
    ),
    revision=6,
    figure_revision=2,
    brief=brief,
)  # fmt: skip

"""Other people's response matrices to responses."""

from __future__ import annotations

from twophoton_decode.errors import SettingsError
from twophoton_decode.formats.arrays import import_arrays
from twophoton_decode.pipeline.inputs.sources import source_paths, split_key
from twophoton_decode.pipeline.plan.sentence import arrays_words
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.pipeline.stages.responses_summary import drawings_of, summary_of


def run(work: Work) -> Result:
    """Read the arrays that ``[source]`` names and describe them as any responses."""
    source = work.settings.source
    if work.settings.responses.cells_file:
        raise SettingsError(
            "cells_file in [responses] lists ROIs of a movie, but this session has imported "
            "arrays. Leave it empty, and import the cells that are wanted."
        )
    labels, groups = (source_paths(work.folder, source, name) for name in ("labels", "groups"))
    images = source_paths(work.folder, source, "images")[0]
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
        seed=work.settings.decoding.seed,
    )
    return Result(
        record=responses,
        drawings=drawings_of(responses),
        summary=summary_of(responses) | {"stimulus": arrays_words(responses, images.name)},
        notes=responses.notes,
    )

"""What does each cell respond to?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.pipeline.stage import Number, Stage, StageInput, StageOutput
from twophoton_decode.records import Encoding, Responses, Traces
from twophoton_decode.statistics.defined import median

if TYPE_CHECKING:
    from twophoton_decode.encoding.models import Places
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "encoding.nc"


def run(work: StageInput) -> StageOutput:
    """Encoding models of every cell, their receptive fields and their predictions."""
    from threadpoolctl import threadpool_limits

    from twophoton_decode.decoding.plug_in_errors import running
    from twophoton_decode.encoding.models import encoding_models

    responses = work.read(Responses, "responses.nc")
    features = work.settings.decoding.features
    # Threads of linear algebra mostly wait for each other on matrices this small.
    with threadpool_limits(1, user_api="blas"), running(features=features):
        found = encoding_models(
            responses,
            work.settings.decoding,
            work.settings.encoding,
            _places(work, responses),
            work.progress,
        )
    return StageOutput(record=found, summary=_summary(found), notes=found.notes)


def draw(work: StageInput) -> list[Drawing]:
    """Receptive fields, where they lie, and predictions beside their ceiling."""
    from twophoton_decode.figures.encoding.prediction import prediction_against_ceiling
    from twophoton_decode.figures.encoding.receptive_fields import (
        receptive_field_gallery,
        receptive_field_map,
    )

    found = work.read(Encoding, FILE)
    return [
        receptive_field_gallery(found),
        receptive_field_map(found, work.settings.recording.picture_deg),
        prediction_against_ceiling(found),
    ]


def _places(work: StageInput, responses: Responses) -> Places | None:
    """Where the cells lie: in the movie, or in px of 1 µm as a table says; None where unknown."""
    from twophoton_decode.encoding.models import Places

    if responses.position is not None:
        from twophoton_decode.formats.matrices.cell_table import places_of

        plane, y, x = places_of(responses.position).T
        return Places(x, y, plane.astype(int))
    if (responses.roi < 0).any():
        return None
    traces, roi = work.read(Traces, "traces.nc"), responses.roi
    return Places(traces.center_x[roi], traces.center_y[roi], traces.plane[roi])


def _summary(found: Encoding) -> dict[str, Any]:
    """Medians over the cells where defined; areas over cells with a field."""
    field = found.has_field
    return {
        "features": found.features,
        "cells_with_field": int(np.count_nonzero(field)),
        "cells": len(field),
        "prediction_r": median(found.prediction_r),
        "prediction_r_ci95": list(found.prediction_r_ci95),
        "chance_r": median(found.chance_r),
        "noise_ceiling_r": median(found.noise_ceiling_r),
        "prediction_normalised": median(found.prediction_normalised),
        "area_px2": median(found.area[field]),
    }


ENCODE = Stage(
    name="encode",
    title="features, receptive field and prediction of each cell",
    section="What each cell responds to",
    page_place=50,
    run=run,
    draw=draw,
    file=FILE,
    record=Encoding,
    numbers=(
        Number("cells_with_field", "cells with a receptive field", ".0f"),
        Number("prediction_r", "r of predicted and measured responses, median over cells"),
        Number("noise_ceiling_r", "the r that noise allows, median over cells"),
    ),
    needs_pictures=True,
    reads=("respond",),
    depends_on=(
        "encoding",
        "decoding.features",
        "decoding.folds",
        "decoding.near_duplicate_correlation",
        "decoding.bootstraps",
        "decoding.seed",
    ),
    revision=5,
    figure_revision=2,
)

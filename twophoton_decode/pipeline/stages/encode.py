"""What does each cell respond to?"""

from __future__ import annotations

from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from twophoton_decode.encoding.models import Places, encoding_models
from twophoton_decode.figures.encoding.prediction import prediction_against_ceiling
from twophoton_decode.figures.encoding.receptive_fields import (
    receptive_field_gallery,
    receptive_field_map,
)
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.records import Encoding, Responses, Traces
from twophoton_decode.statistics.defined import median


def run(work: Work) -> Result:
    """Encoding models of every cell, their receptive fields and their predictions."""
    responses = work.read(Responses, "responses.nc")
    # Threads of linear algebra mostly wait for each other on matrices this small.
    with threadpool_limits(1, user_api="blas"):
        found = encoding_models(
            responses,
            work.settings.decoding,
            work.settings.encoding,
            _places(work, responses),
            work.progress,
        )
    drawings = [
        receptive_field_gallery(found),
        receptive_field_map(found),
        prediction_against_ceiling(found),
    ]
    return Result(record=found, drawings=drawings, summary=_summary(found), notes=found.notes)


def _places(work: Work, responses: Responses) -> Places | None:
    """Where the cells lie in the movie; None for imported responses."""
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

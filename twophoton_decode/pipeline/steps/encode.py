"""What does each cell respond to?"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.decoding.encoding_models import Places, encoding_models
from twophoton_decode.pipeline.stage import Result, Work
from twophoton_decode.records import Encoding, Responses, Traces
from twophoton_decode.report.numbers import median


def run(work: Work) -> Result:
    """Encoding models of every cell, their receptive fields and their predictions."""
    responses = work.read(Responses, "responses.nc")
    found = encoding_models(
        responses, work.settings.decoding, work.settings.encoding, _places(work, responses),
        work.progress,
    )  # fmt: skip
    return Result(record=found, summary=_summary(found), notes=found.notes)


def _places(work: Work, responses: Responses) -> Places | None:
    """Where the cells lie in the movie; None for imported responses."""
    if (responses.roi < 0).any():
        return None
    traces, roi = work.read(Traces, "traces.nc"), responses.roi
    return Places(traces.center_x[roi], traces.center_y[roi], traces.plane[roi])


def _summary(found: Encoding) -> dict[str, Any]:
    """Medians: predictions over all cells, the others over cells with a field."""
    field = found.has_field
    return {
        "features": found.features,
        "cells_with_field": int(np.count_nonzero(field)),
        "prediction_r": median(found.prediction_r),
        "prediction_normalised": median(found.prediction_normalised[field]),
        "area_px2": median(found.area[field]),
    }

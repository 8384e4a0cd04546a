"""The headline numbers of responses, wherever they come from."""

from __future__ import annotations

import math
from typing import Any

from twophoton_decode.records import Responses
from twophoton_decode.report.numbers import mean


def summary_of(responses: Responses) -> dict[str, Any]:
    """Counts, and means over images, as ``summary.json`` has them.

    Responsive cells are NaN, not none, where no image was repeated: they are undefined.
    """
    repeated = responses.repeats_per_image.max() > 1
    responding = int(responses.responsive.any(axis=1).sum())
    return {
        "cells": responses.cells,
        "images": responses.images,
        "presentations": responses.presentations,
        "excluded_presentations": len(responses.excluded_line),
        "responsive_cells": responding if repeated else math.nan,
        "percent_responsive_per_image": float(100 * responses.responsive.mean())
        if repeated
        else math.nan,
        "population_sparseness": mean(responses.population_sparseness),
    }

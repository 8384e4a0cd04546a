"""The headline numbers of responses, wherever they come from."""

from __future__ import annotations

from typing import Any

from twophoton_decode.records import Responses
from twophoton_decode.report.numbers import mean


def summary_of(responses: Responses) -> dict[str, Any]:
    """Counts, and means over images, as ``summary.json`` has them."""
    return {
        "cells": responses.cells,
        "images": responses.images,
        "presentations": responses.presentations,
        "excluded_presentations": len(responses.excluded_line),
        "responsive_cells": int(responses.responsive.any(axis=1).sum()),
        "percent_responsive_per_image": float(100 * responses.responsive.mean()),
        "population_sparseness": mean(responses.population_sparseness),
    }

"""Which population each cell belongs to."""

from __future__ import annotations

import numpy as np

from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records import Responses, Traces


def cell_populations(work: StageInput, responses: Responses) -> np.ndarray | None:
    """As a file names them, else by plane, (cells,); None where neither tells cells apart."""
    if responses.population is not None or (responses.roi < 0).any():
        return responses.population
    plane = work.read(Traces, "traces.nc").plane[responses.roi]
    if len(np.unique(plane)) < 2:
        return None
    return np.array([f"plane {each}" for each in plane])

"""How much of a simulated recording's truth came back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries


@dataclass(frozen=True, eq=False)
class Recovery(Summaries):
    """Every planted cell of a simulated movie, and what was recovered of it."""

    roi: np.ndarray = array(
        "planted_cell", dtype=np.int64, doc="the ROI whose mask matches best; -1 where none does"
    )
    found: np.ndarray = array(
        "planted_cell", dtype=bool, doc="a matching ROI was classified, or curated, as a cell"
    )
    transients: np.ndarray = array(
        "planted_cell", dtype=np.int64, doc="how often the cell's clean ΔF/F rises through 0.2"
    )
    trace_r: np.ndarray = array(
        "planted_cell", doc="correlation over frames of its signal with its clean ΔF/F"
    )
    response_r: np.ndarray = array(
        "planted_cell", doc="correlation over presentations of its response with its spikes"
    )
    field_r: np.ndarray = array(
        "planted_cell",
        doc="correlation over pixels of its receptive field with the planted one; NaN where the "
        "encoding model found no field",
    )
    cells: int = scalar("cells", doc="ROIs that were classified, or curated, as cells")
    true_cells: int = scalar("cells", doc="those that match a planted cell")
    smallest_iou: float = scalar(
        doc="intersection over union of two masks above which they are a match"
    )
    notes: list[str] = scalar(doc="what could not be compared")

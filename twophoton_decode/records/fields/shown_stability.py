"""What figures and captions show of stability beyond the values of images and trials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries


@dataclass(frozen=True, eq=False)
class ShownStability(Summaries):
    """Means over images, and the repeats of one typical image with its cells."""

    dropout_name: np.ndarray = array(
        "dropout",
        dtype=str,
        later=True,
        doc="r or similarity, of the most active cells removed or of random ones",
    )
    dropout_mean: np.ndarray = array(
        "dropout removal", later=True, doc="dropout_r and the others: mean over images"
    )
    dropout_error: np.ndarray = array(
        "dropout removal", later=True, doc="its standard error, not widened"
    )
    typical_image: int = scalar(
        doc="image of median response similarity among those with many responsive cells; -1: none",
        default=-1,
    )
    typical_presentation: np.ndarray = array(
        "typical_trial", dtype=np.int64, later=True, doc="its first presentations"
    )
    typical_repeat: np.ndarray = array(
        "typical_trial", dtype=np.int64, later=True, doc="which repeat each of them is, from 0"
    )
    typical_r: np.ndarray = array(
        "typical_trial", later=True, doc="R of each one's reconstruction with the picture shown"
    )
    typical_cell: np.ndarray = array(
        "typical_cell", dtype=np.int64, later=True, doc="cells, strongest mean response first"
    )
    typical_responsive: bool = scalar(
        doc="these cells respond to the image; false: none does, and all are taken", default=False
    )
    typical_response: np.ndarray = array(
        "typical_trial typical_cell",
        later=True,
        doc="their responses, unit in response_unit; NaN: missing",
    )
    typical_mean_response: np.ndarray = array(
        "typical_cell", later=True, doc="their mean over all repeats that they have"
    )
    response_unit: str = scalar(doc="unit of the responses", default="")

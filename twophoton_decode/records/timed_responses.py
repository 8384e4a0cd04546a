"""Responses in several time bins after each onset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class TimedResponses(Record):
    """The evoked signal bin by bin, of the presentations and cells of `Responses`."""

    response: np.ndarray = array(
        "presentation bin cell",
        "{response_unit}",
        dtype=np.float32,
        opened=True,
        doc="mean signal in the bin less that in the baseline; NaN where the bin holds no frame",
    )
    edge_s: np.ndarray = array(
        "bin+1", "s", doc="edges of the bins, from the onset of the presentation"
    )
    image: np.ndarray = array("presentation", dtype=np.int64, doc="index of the image shown")
    roi: np.ndarray = array("cell", dtype=np.int64, doc="the cell's ROI in traces.nc")
    response_unit: str = scalar(doc="unit of the responses")
    indicator_decay_s: float = scalar("s", doc="decay of the indicator, which blurs what bins say")
    signal: str = scalar(doc="dff, corrected or deconvolved")
    notes: list[str] = scalar(doc="bins without frames")

    @property
    def middle_s(self) -> np.ndarray:
        """Middle of each bin from the onset, s, (bins,)."""
        return np.asarray(self.edge_s[1:] + self.edge_s[:-1]) / 2

    def averages(self, images: int) -> np.ndarray:
        """Mean over the trials of each image that hold the bin, (images, bins, cells)."""
        total = np.zeros((images, *self.response.shape[1:]))
        count = np.zeros((images, self.response.shape[1], 1))
        for presentation, image in enumerate(self.image):
            row = np.asarray(self.response[presentation], float)
            held = np.isfinite(row).all(axis=1)
            total[image, held] += row[held]
            count[image, held] += 1
        return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)

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
    blank_response: np.ndarray | None = array(
        "blank bin cell",
        "{response_unit}",
        dtype=np.float32,
        optional=True,
        opened=True,
        doc="the same in blanks",
    )
    blank_onset_s: np.ndarray | None = array("blank", "s", optional=True, doc="onset of each blank")
    expected_response: np.ndarray | None = array(
        "expectation bin cell",
        "{response_unit}",
        dtype=np.float32,
        optional=True,
        opened=True,
        doc="the same where a picture was expected, but not shown",
    )
    expected_onset_s: np.ndarray | None = array(
        "expectation", "s", optional=True, doc="when it was expected"
    )
    expected_image: np.ndarray | None = array(
        "expectation",
        dtype=np.int64,
        optional=True,
        doc="index of the image that was expected, as in `image`",
    )
    expected_condition: np.ndarray | None = array(
        "expectation", dtype=str, optional=True, doc="what the log's condition column says of it"
    )
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
        return averages_in_bins(self.response, np.arange(len(self.image)), self.image, images)


def averages_in_bins(
    response: np.ndarray, rows: np.ndarray, image: np.ndarray, images: int
) -> np.ndarray:
    """Mean over the rows of each image that hold the bin, (images, bins, cells); NaN without any.

    Parameters
    ----------
    response : ndarray, shape (n, bins, cells)
        Read row by row.
    rows, image : ndarray of int, shape (rows,)
        Which rows count, and the image of each.
    """
    total = np.zeros((images, *response.shape[1:]))
    count = np.zeros((images, response.shape[1], 1))
    for place, number in zip(rows, image, strict=True):
        row = np.asarray(response[place], float)
        held = np.isfinite(row).all(axis=1)
        total[number, held] += row[held]
        count[number, held] += 1
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)

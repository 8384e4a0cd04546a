"""When a network's layers are decoded of a picture that was expected, but not shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array
from twophoton_decode.records.deep.time_course import LayerTimes


@dataclass(frozen=True, eq=False)
class ExpectedTimes(LayerTimes):
    """Decoders of viewing applied to presentations without a picture, of all cells.

    One entry a condition of the log, such as omitted or cued; absent where no condition has
    twenty different pictures. p of layers are corrected over bins and layers.
    """

    condition: np.ndarray | None = array(
        "condition", dtype=str, optional=True, doc="condition of the presentations, by the log"
    )
    expected_pictures: np.ndarray | None = array(
        "condition", dtype=np.int64, optional=True, doc="pictures that were expected"
    )
    expected_presentations: np.ndarray | None = array(
        "condition", dtype=np.int64, optional=True, doc="presentations without a picture"
    )
    expected_course: np.ndarray | None = array(
        "condition layer bin",
        optional=True,
        doc="correlation over units of the pattern decoded from a bin with that of the expected "
        "picture, less that with the other images of its fold",
    )
    expected_course_ci95: np.ndarray | None = array(
        "condition layer bin end", optional=True, doc="its 95 % interval over pictures"
    )
    expected_exchanged: np.ndarray | None = array(
        "condition layer bin end",
        optional=True,
        doc="where 95 % of curves lie with the expected pictures exchanged",
    )
    expected_p: np.ndarray | None = array(
        "condition layer",
        optional=True,
        doc="one-sided p of the highest bin, expected pictures exchanged",
    )
    blank_course: np.ndarray | None = array(
        "condition layer bin",
        optional=True,
        doc="the same from the blanks that are nearest in time; NaN without ten blanks",
    )
    blank_p: np.ndarray | None = array(
        "condition layer", optional=True, doc="one-sided p of its highest bin, likewise"
    )
    expected_onset_s: np.ndarray | None = array(
        "condition layer",
        "s",
        optional=True,
        doc="when half of the peak is passed; NaN of a layer that is not decoded",
    )
    expected_onset_ci95: np.ndarray | None = array(
        "condition layer end", "s", optional=True, doc="its 95 % interval over pictures"
    )
    expected_after_viewed_s: np.ndarray | None = array(
        "condition layer",
        "s",
        optional=True,
        doc="onset less that of viewing the same pictures, same resamples",
    )
    expected_after_viewed_ci95: np.ndarray | None = array(
        "condition layer end", "s", optional=True, doc="its 95 % interval over pictures"
    )
    expected_slope_s: np.ndarray | None = array(
        "condition",
        "s",
        optional=True,
        doc="slope of onsets over layers, per layer; below zero where late layers come first",
    )
    expected_slope_ci95: np.ndarray | None = array(
        "condition end", "s", optional=True, doc="its 95 % interval over pictures"
    )
    viewed_slope_s: np.ndarray | None = array(
        "condition", "s", optional=True, doc="the same of viewing, of the same layers and pictures"
    )
    viewed_slope_ci95: np.ndarray | None = array(
        "condition end", "s", optional=True, doc="its 95 % interval over pictures"
    )
    slope_difference_s: np.ndarray | None = array(
        "condition", "s", optional=True, doc="the first slope less the second, same resamples"
    )
    slope_difference_ci95: np.ndarray | None = array(
        "condition end", "s", optional=True, doc="its 95 % interval over pictures"
    )
    slope_difference_p: np.ndarray | None = array(
        "condition", optional=True, doc="two-sided p of slope_difference_s"
    )

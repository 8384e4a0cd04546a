"""When a network's layers are decoded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class LayerTimes(Record):
    """Decoding of each layer in time bins, of all cells; absent without ``time_bins_s``."""

    bin_s: np.ndarray | None = array(
        "bin", "s", optional=True, doc="middle of each time bin, from the picture's onset"
    )
    course: np.ndarray | None = array(
        "layer bin",
        optional=True,
        doc="correlation over units of the pattern decoded from a bin with the true one, less "
        "that with the other images of the fold",
    )
    course_ci95: np.ndarray | None = array(
        "layer bin end", optional=True, doc="its 95 % interval over images"
    )
    course_p: np.ndarray | None = array(
        "layer", optional=True, doc="one-sided p of the peak, corrected over bins"
    )
    onset_s: np.ndarray | None = array(
        "layer", "s", optional=True, doc="when half of the peak is passed; NaN without a peak"
    )
    onset_ci95: np.ndarray | None = array(
        "layer end", "s", optional=True, doc="its 95 % interval over images"
    )
    peak_s: np.ndarray | None = array(
        "layer", "s", optional=True, doc="middle of the bin of the peak; NaN without one"
    )
    peak_ci95: np.ndarray | None = array(
        "layer end", "s", optional=True, doc="its 95 % interval over images"
    )
    onset_after_first_s: np.ndarray | None = array(
        "layer", "s", optional=True, doc="onset less that of the first layer, same resamples"
    )
    onset_after_first_ci95: np.ndarray | None = array(
        "layer end", "s", optional=True, doc="its 95 % interval over images"
    )
    indicator_decay_s: float = scalar(
        "s",
        doc="decay of the indicator, below which times are blurred; NaN without time bins",
        default=float("nan"),
    )

"""What figures and captions show of a recording's quality beyond the measures themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.summaries import Summaries

NAN = float("nan")


@dataclass(frozen=True, eq=False)
class ShownQuality(Summaries):
    """Courses over the recording, example traces and medians over cells.

    Medians are over cells where the measure is above zero, or defined where it may be negative;
    quartiles over cells whose ΔF/F has a baseline.
    """

    frame_percent: np.ndarray | None = array(
        "plane segment", "%", optional=True, doc="frame_brightness by its fitted start"
    )
    frame_percent_fit: np.ndarray | None = array(
        "plane segment", "%", optional=True, doc="the exponential fitted to it"
    )
    cell_percent: np.ndarray | None = array(
        "quartile segment",
        "%",
        optional=True,
        doc="quartiles over cells of brightness by the fitted start of the median cell",
    )
    cell_percent_fit: np.ndarray | None = array(
        "segment", "%", optional=True, doc="the exponential fitted to the median cell"
    )
    bleached_plane: int = scalar(
        doc="place of the plane whose frames lose most; -1 if unknown", default=-1
    )
    coefficient_range: tuple[float, float] = scalar(
        doc="smallest and largest coefficient of cells, rounded", default=(NAN, NAN)
    )
    snr_of_noise: float = scalar(doc="signal-to-noise ratio of noise alone", default=NAN)
    high_noise: float = scalar("%/√Hz", doc="a noise level that counts as high", default=NAN)
    snr_rank_correlation: float = scalar(
        doc="of snr and the classifier's probability over ROIs, Spearman; NaN for few", default=NAN
    )
    snr_rank_p: float = scalar(doc="its two-sided p", default=NAN)

    drawn_plane: np.ndarray = array(
        "drawn", dtype=np.int64, later=True, doc="places of the three planes that move most"
    )
    motion_step: float = scalar(
        "px", doc="median distance between successive good frames", default=NAN
    )
    block_motion_median: float = scalar("px", doc="median non-rigid motion", default=NAN)
    block_motion_high: float = scalar("px", doc="its 99th percentile", default=NAN)
    stretch_frame: np.ndarray = array(
        "stretch",
        dtype=np.int64,
        later=True,
        doc="middle of stretches of a recording with many frames",
    )
    stretch_motion_y: np.ndarray = array(
        "drawn stretch", "px", later=True, doc="mean rigid shift along y"
    )
    stretch_motion_x: np.ndarray = array("drawn stretch", "px", later=True, doc="along x")
    stretch_block_motion: np.ndarray = array(
        "drawn stretch", "px", later=True, doc="mean non-rigid motion"
    )
    stretch_correlation: np.ndarray = array(
        "drawn stretch", later=True, doc="mean correlation with the reference image"
    )

    example_rank: np.ndarray = array(
        "example", dtype=str, later=True, doc="best, quartile or worst signal-to-noise of cells"
    )
    example_roi: np.ndarray = array("example", dtype=np.int64, later=True, doc="that cell's ROI")
    example_dff: np.ndarray = array(
        "example frame", "ΔF/F", dtype=np.float32, later=True, doc="its ΔF/F"
    )
    excerpt_time_s: np.ndarray = array(
        "example moment", "s", later=True, doc="around its largest ΔF/F; NaN past the end"
    )
    excerpt_f: np.ndarray = array("example moment", "grey level", later=True, doc="its F there")
    excerpt_neuropil: np.ndarray = array(
        "example moment", "grey level", later=True, doc="the neuropil that is subtracted from it"
    )
    excerpt_s: float = scalar("s", doc="length of the excerpt", default=NAN)

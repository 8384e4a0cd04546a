"""How good a recording is: noise, neuropil, bleaching, motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import array, scalar
from twophoton_decode.records.fields.shown_quality import ShownQuality


@dataclass(frozen=True, eq=False)
class Quality(ShownQuality):
    """What the traces and the motion say about the recording; all ROIs, cells or not."""

    usable: np.ndarray = array("roi", dtype=bool, doc="ΔF/F has a baseline to refer to")
    noise_level: np.ndarray = array(
        "roi", "%/√Hz", doc="median step of ΔF/F between frames, over the root of the frame rate"
    )
    snr: np.ndarray = array(
        "roi", doc="99th percentile of ΔF/F minus its median, in SD of a single frame's noise"
    )
    peak: np.ndarray = array("roi", "ΔF/F", doc="largest ΔF/F outside bad frames")
    bleaching: np.ndarray = array(
        "roi", "%", doc="lost brightness over the recording by an exponential fit to F"
    )
    coefficient: np.ndarray = array("roi", doc="c, the share of Fneu that was subtracted")
    neuropil_ratio: np.ndarray = array("roi", doc="median Fneu over median F")
    neuropil_correlation: np.ndarray = array("roi", doc="correlation of F with Fneu")
    corrected_correlation: np.ndarray = array(
        "roi", doc="correlation of F with Fneu after c Fneu was subtracted from F"
    )
    segment_time_s: np.ndarray = array("segment", "s", doc="middle of each stretch of frames")
    roi_brightness: np.ndarray = array(
        "roi segment", "grey level", dtype=np.float32, doc="median F of each stretch"
    )
    frame_brightness: np.ndarray | None = array(
        "plane segment", "grey level", optional=True, doc="median frame mean of each stretch"
    )
    frame_bleaching: np.ndarray | None = array(
        "plane",
        "%",
        optional=True,
        doc="lost brightness of whole frames over the recording by an exponential fit",
    )
    frame_bleaching_ci95: np.ndarray | None = array(
        "plane end", "%", optional=True, doc="95 % interval of frame_bleaching"
    )
    brightness_jump: np.ndarray | None = array(
        "plane frame", dtype=bool, optional=True, doc="frames whose mean jumps from the one before"
    )
    cell_bleaching: float = scalar(
        "%", doc="lost brightness of the median cell over the recording by an exponential fit"
    )
    cell_bleaching_ci95: tuple[float, float] = scalar("%", doc="95 % interval of cell_bleaching")
    bad_frames: int = scalar(doc="frames flagged for bad motion")
    largest_motion: float = scalar(
        "px", doc="largest rigid displacement from the reference image, outside bad frames"
    )
    drift: float = scalar(
        "px",
        doc="distance of the field of view's mean place in the last tenth from that in the first",
    )
    correlation_change: float = scalar(
        "%",
        doc="change of the median correlation with the reference image from the first to the last "
        "tenth, of the plane where it falls most; NaN where unknown",
    )
    notes: tuple[str, ...] = scalar(doc="what is off, and what to do about it", default=())

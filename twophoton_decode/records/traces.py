"""Fluorescence of every ROI, as extraction leaves it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar
from twophoton_decode.records.movie.frame_times import FrameTimes


@dataclass(frozen=True, eq=False)
class Traces(Record):
    """All ROIs with their fluorescence; which of them are used is decided in ``respond``.

    The three signals are opened, not loaded, when the record is read from a session:
    index them per block of ROIs.
    """

    fluorescence: np.ndarray = array(
        "roi frame", "grey level", dtype=np.float32, opened=True, doc="mean over the ROI, F"
    )
    neuropil: np.ndarray | None = array(
        "roi frame",
        "grey level",
        dtype=np.float32,
        opened=True,
        optional=True,
        doc="mean around the ROI, Fneu; absent where an imported recording has none",
    )
    deconvolved: np.ndarray | None = array(
        "roi frame",
        "a.u.",
        dtype=np.float32,
        opened=True,
        optional=True,
        doc="deconvolved, suite2p's spks; absent where an imported recording has none",
    )
    is_cell: np.ndarray = array("roi", dtype=bool, doc="classified, or curated, as a cell")
    cell_probability: np.ndarray = array("roi", doc="the classifier's probability of a cell")
    plane: np.ndarray = array("roi", dtype=np.int64, doc="the imaging plane the ROI lies in")
    center_y: np.ndarray = array("roi", "px", doc="row of the ROI's centre")
    center_x: np.ndarray = array("roi", "px", doc="column of the ROI's centre")
    pixel_offset: np.ndarray = array(
        "roi+1", dtype=np.int64, doc="ROI r has the pixels pixel_offset[r]:pixel_offset[r+1]"
    )
    pixel_y: np.ndarray = array("roi_pixel", "px", dtype=np.int64, doc="row of each ROI pixel")
    pixel_x: np.ndarray = array("roi_pixel", "px", dtype=np.int64, doc="column of each ROI pixel")
    pixel_weight: np.ndarray = array(
        "roi_pixel", dtype=np.float32, doc="weight of each pixel in its ROI"
    )
    mean_image: np.ndarray = array(
        "plane y x", "grey level", dtype=np.float32, doc="mean of the registered movie"
    )
    motion_y: np.ndarray = array("plane frame", "px", doc="rigid shift along rows, per frame")
    motion_x: np.ndarray = array("plane frame", "px", doc="rigid shift along columns, per frame")
    bad_frame: np.ndarray = array("frame", dtype=bool, doc="frames flagged for bad motion")
    block_motion: np.ndarray | None = array(
        "plane frame",
        "px",
        dtype=np.float32,
        optional=True,
        doc="how far blocks moved beyond the rigid shift, root mean square over blocks",
    )
    motion_correlation: np.ndarray | None = array(
        "plane frame",
        dtype=np.float32,
        optional=True,
        doc="peak of the phase correlation with the reference image",
    )
    frame_mean: np.ndarray | None = array(
        "plane frame",
        "grey level",
        dtype=np.float32,
        optional=True,
        doc="mean of each frame as it was recorded",
    )
    correlation_image: np.ndarray | None = array(
        "plane y x",
        dtype=np.float32,
        optional=True,
        doc="suite2p's correlation map, large where pixels flicker together; NaN outside the "
        "range that motion left whole",
    )
    structural_image: np.ndarray | None = array(
        "plane y x",
        "grey level",
        dtype=np.float32,
        optional=True,
        doc="mean of the registered second channel",
    )
    red_probability: np.ndarray | None = array(
        "roi", optional=True, doc="that the ROI is labelled in the second channel, by suite2p"
    )
    is_red: np.ndarray | None = array(
        "roi", dtype=bool, optional=True, doc="labelled in the second channel"
    )
    plane_number: np.ndarray | None = array(
        "plane",
        dtype=np.int64,
        optional=True,
        doc="which of the microscope's planes it is, from 1, as in use_planes",
    )
    plane_delay_s: np.ndarray = array(
        "plane", "s", doc="time from the start of a volume to the middle of the plane's frame"
    )
    frame_rate_hz: float = scalar("Hz", doc="frames per second and plane")
    frame_time_s: np.ndarray | None = array(
        "frame",
        "s",
        optional=True,
        doc="when each frame (volume) began, since the first one, by the microscope's stamps; "
        "absent where frames are taken as evenly spaced",
    )
    first_stamp_s: float | None = scalar(
        "s", doc="when the first frame began in the microscope's clock", optional=True
    )
    unknown_pause: np.ndarray | None = array(
        "pause",
        dtype=np.int64,
        optional=True,
        doc="frames before which the recording paused for a time that is not known",
    )
    intensity_offset: float = scalar(
        "grey level", doc="subtracted from the file's pixels before scaling; added back here"
    )
    intensity_scale: float = scalar(
        doc="the file's grey levels per level of the int16 movie; undone in the traces"
    )
    imported_from: str = scalar(
        doc="the format that traces were imported from; empty: extracted here", default=""
    )
    is_dff: bool = scalar(
        doc="the imported fluorescence is ΔF/F already: no baseline is taken", default=False
    )
    curated: bool = scalar(doc="the user changed the ROIs in suite2p's GUI", default=False)
    notes: tuple[str, ...] = scalar(doc="what was mapped, adapted or left out", default=())

    def number_of(self, plane: Any) -> Any:
        """The microscope's number, from 1, of the plane at place `plane`; or of several."""
        return plane + 1 if self.plane_number is None else self.plane_number[plane]

    @property
    def times(self) -> FrameTimes:
        """When frames began, and where the recording paused."""
        unknown = () if self.unknown_pause is None else self.unknown_pause
        return FrameTimes(self.frame_time_s, self.first_stamp_s, np.asarray(unknown, int))

    @property
    def duration_s(self) -> float:
        """From the beginning of the first frame to the end of the last, pauses included."""
        return self.times.end_s(self.bad_frame.size, self.frame_rate_hz)

    def began_s(self, frame: np.ndarray) -> np.ndarray:
        """When `frame` (volume) began, in seconds since the first one did."""
        frame = np.asarray(frame)
        return frame / self.frame_rate_hz if self.frame_time_s is None else self.frame_time_s[frame]

    def frame_time(self, plane: int, frame: np.ndarray) -> np.ndarray:
        """Mid-time of `frame` of `plane`, in seconds since the movie began."""
        return self.began_s(frame) + self.plane_delay_s[plane]

    def evenly_timed(self) -> Traces:
        """The same, with frames one period after another; gaps stay gaps of unknown length."""
        return replace(self, frame_time_s=None, unknown_pause=self.times.gaps().frame)

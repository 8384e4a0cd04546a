"""What the microscope and the stimulus computer wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar

_RATES_AGREE = 0.02


@dataclass(frozen=True, eq=False)
class Recording(Record):
    """A movie as it lies on disk, understood but not read."""

    file: np.ndarray = array("file", dtype=str, doc="the movie's files, in order of acquisition")
    file_frames: np.ndarray = array(
        "file", dtype=np.int64, doc="images in each file, those of all planes and channels"
    )
    height: int = scalar("px", doc="rows of a frame")
    width: int = scalar("px", doc="columns of a frame")
    dtype: str = scalar(doc="pixel type in the files, such as uint16")
    layout: str = scalar(
        doc="kind of file: hdf5, nwb, sbx, bruker, or the TIFFs plain, imagej, scanimage, ome"
    )
    dataset: np.ndarray | None = array(
        "file", dtype=str, optional=True, doc="where in each HDF5 or NWB file the movie lies"
    )
    axes: str = scalar(
        doc="axes of such a dataset from the slowest on, of t, z, c, y and x; empty otherwise",
        default="",
    )
    samples: int = scalar(
        doc="channels that lie beside each other pixel by pixel, as in .sbx files; 1 otherwise",
        default=1,
    )
    page: np.ndarray | None = array(
        "frame plane channel",
        dtype=np.int64,
        optional=True,
        doc="the image that holds it, counted over all files; absent where every image is a frame",
    )
    planes: int = scalar(doc="planes", default=1)
    channels: int = scalar(doc="channels", default=1)
    plane_number: np.ndarray | None = array(
        "plane",
        dtype=np.int64,
        optional=True,
        doc="which plane of the files each one is, from 1; absent where all are there, in order",
    )
    plane_delay_s: np.ndarray | None = array(
        "plane",
        "s",
        optional=True,
        doc="time from the start of a volume to the middle of the plane's frame; absent where the "
        "files do not say",
    )
    frame_rate_hz: float = scalar(
        "Hz", doc="frames per second and plane; 0 where the files do not say", default=0.0
    )
    bidirectional: bool | None = scalar(
        doc="lines were scanned in both directions; None where the files do not say", default=None
    )
    dropped_frames: int = scalar(
        "frames", doc="frames that the microscope counted, but that are in no file", default=0
    )
    grey_offset: float = scalar(
        "grey level", doc="calibration: grey level = grey_scale x stored + grey_offset", default=0.0
    )
    grey_scale: float = scalar(
        doc="grey levels per stored level, by the files' calibration", default=1.0
    )
    question: str = scalar(
        doc="what planes and channels of the settings have to decide, in words; empty where the "
        "files are sure",
        default="",
    )
    guess: str = scalar(
        doc="what is taken where planes and channels do not decide; empty where they have to",
        default="",
    )
    source: Mapping[str, str] = scalar(
        doc="where planes, channels, frame_rate_hz, plane_delay_s and grey_scale were read",
        factory=dict,
    )
    warnings: tuple[str, ...] = scalar(doc="what is odd about the files, in words", default=())

    @property
    def frames(self) -> int:
        """Number of frames of each plane and channel, over all files."""
        return int(self.file_frames.sum()) if self.page is None else len(self.page)

    def doubt_about_rate(self, given_hz: float) -> str:
        """Whether a rate differs from that of the files by more than 2 %; empty if not."""
        if not self.frame_rate_hz or abs(given_hz / self.frame_rate_hz - 1) <= _RATES_AGREE:
            return ""
        by = self.source.get("frame_rate_hz", "the files")
        return f"frame_rate_hz is {given_hz:g}, but {by} says {self.frame_rate_hz:.6g} Hz"


@dataclass(frozen=True, eq=False)
class Presentations(Record):
    """The stimulus log: which image was shown when, one row each, sorted by onset."""

    image: np.ndarray = array("presentation", dtype=np.int64, doc="index into image_name")
    repeat: np.ndarray = array(
        "presentation", dtype=np.int64, doc="how many times this image was shown before"
    )
    onset_s: np.ndarray = array("presentation", "s", doc="onset since the start of the movie")
    duration_s: np.ndarray = array("presentation", "s", doc="duration; NaN where not logged")
    log_line: np.ndarray = array(
        "presentation", dtype=np.int64, doc="line of the log file, the header being line 1"
    )
    image_name: np.ndarray = array("image", dtype=str, doc="file name or index of each image")
    columns: dict[str, list[str]] = scalar(
        doc="every other column of the log, in the order of the presentations"
    )
    sorted_rows: int = scalar("rows", doc="rows that were out of order in the log, and sorted")

"""What the microscope and the stimulus computer wrote down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class Recording(Record):
    """A movie as it lies on disk, understood but not read."""

    file: np.ndarray = array("file", dtype=str, doc="the TIFF files, in order of acquisition")
    file_frames: np.ndarray = array("file", "frames", dtype=np.int64, doc="frames in each file")
    height: int = scalar("px", doc="rows of a frame")
    width: int = scalar("px", doc="columns of a frame")
    dtype: str = scalar(doc="pixel type in the files, such as uint16")
    layout: str = scalar(doc="kind of TIFF: plain or imagej")

    @property
    def frames(self) -> int:
        """Number of frames over all files."""
        return int(self.file_frames.sum())


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

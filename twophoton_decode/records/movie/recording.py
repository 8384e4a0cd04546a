"""What the microscope and the stimulus computer wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar
from twophoton_decode.records.movie.frame_times import FrameTimes

_MOST_DRIFT_S, _MOST_DRIFT_FRAMES = 0.1, 0.5


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
    frame_time_s: np.ndarray | None = array(
        "frame",
        "s",
        optional=True,
        doc="when each frame (volume) began, since the first one; absent where the files do not "
        "say, and frames are taken as evenly spaced",
    )
    first_stamp_s: float | None = scalar(
        "s",
        doc="when the first frame began in the microscope's clock; None where the files do not say",
        optional=True,
    )
    unknown_pause: np.ndarray | None = array(
        "pause",
        dtype=np.int64,
        optional=True,
        doc="frames before which the recording paused for a time that is not known",
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
        doc="what the settings planes and channels must decide, in words; empty if the files are "
        "clear",
        default="",
    )
    guess: str = scalar(
        doc="what is assumed if planes and channels do not decide; empty if they must",
        default="",
    )
    source: Mapping[str, str] = scalar(
        doc="where planes, channels, frame_rate_hz, frame_time_s, plane_delay_s and grey_scale "
        "were read",
        factory=dict,
    )
    warnings: tuple[str, ...] = scalar(doc="what is odd about the files, in words", default=())

    @property
    def frames(self) -> int:
        """Number of frames of each plane and channel, over all files."""
        return int(self.file_frames.sum()) if self.page is None else len(self.page)

    @property
    def times(self) -> FrameTimes:
        """When each frame began, and where the recording paused."""
        by = self.source.get("frame_time_s", "")
        unknown = () if self.unknown_pause is None else self.unknown_pause
        return FrameTimes(self.frame_time_s, self.first_stamp_s, np.asarray(unknown, int), by)

    def doubt_about_rate(self, given_hz: float, *, evenly: bool = False) -> str:
        """How far a rate leads away from that of the files over the movie; empty if nowhere.

        More than half a frame, or 0.1 s, is said. Six digits are enough, as `tpdecode init`
        writes them. `evenly` times frames by the rate even where the files have stamps.
        """
        found = self.frame_rate_hz
        if not found or given_hz in (found, float(f"{found:.6g}")):
            return ""
        drift = abs(self.frames / given_hz - self.frames / found)
        if drift <= min(_MOST_DRIFT_S, _MOST_DRIFT_FRAMES / found):
            return ""
        by = self.source.get("frame_rate_hz", "the files")
        text = (
            f"frame_rate_hz is {given_hz:.7g}, but {found:.7g} Hz according to {by}: over the "
            f"movie they differ by {drift:.3g} s"
        )
        timed = self.source.get("frame_time_s", "")
        if not timed:
            return text
        if evenly:
            return f'{text}; frames are timed by the rate, as frame_times = "even" says'
        return f"{text}; frames are timed by {timed} all the same"


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
    previous: np.ndarray | None = array(
        "presentation",
        dtype=np.int64,
        optional=True,
        doc="the image shown before, of excluded presentations too; -1 after a blank or where it "
        "is not known",
    )
    blank_onset_s: np.ndarray | None = array(
        "blank", "s", optional=True, doc="onsets of the log's blanks, without a picture"
    )
    blank_line: np.ndarray | None = array(
        "blank", dtype=np.int64, optional=True, doc="line of the log of each blank"
    )
    expected_onset_s: np.ndarray | None = array(
        "expectation",
        "s",
        optional=True,
        doc="onsets of rows whose picture was expected, but not shown",
    )
    expected_image: np.ndarray | None = array(
        "expectation", dtype=np.int64, optional=True, doc="the picture that was expected"
    )
    expected_condition: np.ndarray | None = array(
        "expectation", dtype=str, optional=True, doc="what the log's condition column says of it"
    )
    left_out_line: np.ndarray | None = array(
        "left_out",
        dtype=np.int64,
        optional=True,
        doc="lines of the log that were left out before pictures were looked up",
    )
    left_out_reason: np.ndarray | None = array(
        "left_out", dtype=str, optional=True, doc="why they were left out"
    )
    left_out_onset_s: np.ndarray | None = array(
        "left_out",
        "s",
        optional=True,
        doc="when their pictures were shown; NaN where it is not known, or no picture was",
    )
    left_out_duration_s: np.ndarray | None = array(
        "left_out", "s", optional=True, doc="for how long; NaN where not logged"
    )
    onsets_in_frames: bool = scalar(doc="the log counts frames instead of seconds", default=False)
    image_group: np.ndarray | None = array(
        "image",
        dtype=np.int64,
        optional=True,
        doc="pictures with equal numbers are in one group of the log's group column; -1 for none",
    )
    notes: tuple[str, ...] = scalar(
        doc="which columns were used, and what is odd about the log, in words", default=()
    )

"""Responses to clips, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array, scalar


@dataclass(frozen=True, eq=False)
class FrameResponses(Record):
    """The signal of every cell at every frame of a clip, each time it was shown.

    Clips may differ in length: arrays are as long as the longest, and `clip_frames` says how
    many frames a clip has. What lies beyond is NaN in responses and 0 in pictures.
    """

    response: np.ndarray = array(
        "showing frame cell",
        "{response_unit}",
        dtype=np.float32,
        opened=True,
        doc="the signal at the middle of each frame; NaN where nothing was recorded",
    )
    deconvolved: np.ndarray | None = array(
        "showing frame cell",
        "a.u.",
        dtype=np.float32,
        optional=True,
        opened=True,
        doc="suite2p's deconvolved signal at the same times; absent where `response` is it, or "
        "where data were imported without it",
    )
    shown: np.ndarray = array(
        "showing frame", dtype=bool, doc="the frame was shown, by the log, and cells were recorded"
    )
    frame_s: np.ndarray = array(
        "showing frame",
        "s",
        doc="middle of each frame, since the recording began; NaN where it is not known",
    )
    clip: np.ndarray = array("showing", dtype=np.int64, doc="index of the clip shown")
    repeat: np.ndarray = array(
        "showing", dtype=np.int64, doc="how many times this clip was shown before"
    )
    picture: np.ndarray = array(
        "clip frame y x",
        dtype=np.float32,
        opened=True,
        doc="frames of each clip at working size, luminance",
    )
    clip_frames: np.ndarray = array("clip", dtype=np.int64, doc="number of frames of each clip")
    clip_name: np.ndarray = array("clip", dtype=str, doc="file name or index of each clip")
    clip_group: np.ndarray = array(
        "clip",
        dtype=np.int64,
        doc="clips with equal numbers have one source, by the log; -1 where nothing says so",
    )
    clip_fold: np.ndarray | None = array(
        "clip",
        dtype=np.int64,
        optional=True,
        doc="the fold in which each clip is tested, where the data set says so; -1: it only trains",
    )
    roi: np.ndarray = array("cell", dtype=np.int64, doc="the cell's ROI in traces.nc")
    clip_rate_hz: float = scalar("Hz", doc="frames of clips per second")
    response_unit: str = scalar(doc="unit of the responses")
    signal: str = scalar(doc="dff, corrected or deconvolved")
    indicator_decay_s: float = scalar("s", doc="decay of the indicator; NaN where it is not known")
    notes: list[str] = scalar(doc="what was left out, resized or not known")

    @property
    def showings(self) -> int:
        """How often clips were shown, all together."""
        return len(self.clip)

    @property
    def clips(self) -> int:
        """Number of clips."""
        return len(self.clip_name)

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.roi)

    def frames_of(self, clip: int) -> np.ndarray:
        """The frames of one clip, (frame, y, x), without what fills it up."""
        return np.asarray(self.picture[clip, : self.clip_frames[clip]])

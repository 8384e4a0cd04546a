"""What a microscope's header says about a movie, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twophoton_decode.records.movie.frame_times import FrameTimes


@dataclass(frozen=True)
class Acquisition:
    """The facts of a header, and which image is which frame of which plane and channel.

    Attributes
    ----------
    page : array or None
        (frame, plane, channel) -> number of the image, counted over the files handed in;
        None where every image is a frame of the one plane and channel.
    plane_delay_s : array or None
        (plane,) time from the start of a volume to the middle of the plane's frame; None
        where the files do not say.
    rate_hz : float
        Frames per second of one plane; 0 where the files do not say.
    bidirectional : bool or None
        Whether lines were scanned in both directions; None where the files do not say.
    times : FrameTimes
        When each frame of one plane began.
    dropped_frames : int
        Frames that the microscope counted, but that are in no file.
    question : str
        What planes and channels of the settings have to decide, in words; `page` then has the
        axes as they are stored, or is None where they are unknown. Empty where the files are
        sure.
    guess : str
        A warning about what is taken where they do not decide, every image being a frame then;
        empty where they have to.
    source : dict
        Where each fact was read.
    warnings : tuple of str
        What is odd, one sentence each.
    """

    page: np.ndarray | None = None
    plane_delay_s: np.ndarray | None = None
    rate_hz: float = 0.0
    bidirectional: bool | None = None
    times: FrameTimes = field(default_factory=FrameTimes)
    dropped_frames: int = 0
    question: str = ""
    guess: str = ""
    source: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

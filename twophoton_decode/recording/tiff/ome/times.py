"""When the images of an OME-TIFF were taken, by the times in its XML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np

from twophoton_decode.recording.tiff.imagej import rate_from_interval
from twophoton_decode.recording.times.rates import doubt_about_asked, measured_rate
from twophoton_decode.recording.times.stamps import mid_times, times_of_stamps
from twophoton_decode.records.movie.frame_times import FrameTimes

_ASKED, _STAMPS = "OME-XML TimeIncrement", "OME-XML DeltaT"
_SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "min": 60.0}


def children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Children by name, whatever the version of the schema."""
    return [each for each in element if each.tag.rpartition("}")[2] == name]


def child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    """The first child of that name."""
    return next(iter(children(element, name)), None)


@dataclass(frozen=True)
class OmeTimes:
    """Frames per second and who says so, times of frames and planes, and what is odd."""

    rate_hz: float
    rate_by: str
    frames: FrameTimes
    plane_delay_s: np.ndarray | None
    warnings: tuple[str, ...]


def ome_times(described: Sequence[tuple[ElementTree.Element, int]], planes: int) -> OmeTimes:
    """The times of frames by the XML of one or more files that follow each other.

    `DeltaT` is when an image began [ours]. It counts more than `TimeIncrement`, which is what
    was asked for; some writers put an increment of 0 where they know of none.

    Parameters
    ----------
    described : sequence of (element, int)
        Each file's `Pixels`, and how many frames it describes.
    planes : int
    """
    began = np.concatenate([_began(pixels, frames, planes) for pixels, frames in described])
    begins = np.cumsum([0, *(frames for _, frames in described)])[:-1]
    times, unused = times_of_stamps(began[:, 0], begins, by=_STAMPS)
    if not times.by:
        # That files follow each other does not say that they are several acquisitions.
        times = FrameTimes()
    asked = _asked_rate(described[0][0])
    measured = measured_rate(began[:, 0], times)
    rate = measured or asked
    doubt = doubt_about_asked(asked, "TimeIncrement", measured, "DeltaT")
    by = _STAMPS if measured else _ASKED
    return OmeTimes(rate, by, times, mid_times(began, rate), (*unused, *doubt))


def _asked_rate(pixels: ElementTree.Element) -> float:
    unit = _SECONDS.get(pixels.get("TimeIncrementUnit", "s"), 0)
    return rate_from_interval(pixels.get("TimeIncrement", 0), unit)


def _began(pixels: ElementTree.Element, frames: int, planes: int) -> np.ndarray:
    """When each image of the first channel began, (frame, plane) in s; NaN where not said."""
    began = np.full((frames, planes), np.nan)
    for (frame, plane), seconds in _stamps(pixels).items():
        if 0 <= frame < frames and 0 <= plane < planes:
            began[frame, plane] = seconds
    return began


def _stamps(pixels: ElementTree.Element) -> dict[tuple[int, int], float]:
    """Time of each image of the first channel, s, by frame and plane; all or none of them."""
    stamps: dict[tuple[int, int], float] = {}
    for image in children(pixels, "Plane"):
        if image.get("TheC", "0") == "0" and image.get("DeltaT"):
            seconds = _SECONDS.get(image.get("DeltaTUnit", "s"), 0)
            try:
                place = int(image.get("TheT", "")), int(image.get("TheZ", "0"))
                stamps[place] = float(image.get("DeltaT", "")) * seconds
            except ValueError:
                return {}
    return stamps

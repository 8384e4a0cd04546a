"""When the images of an OME-TIFF were taken, by the times in its XML."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np

from twophoton_decode.recording.image_axes import rate_from_interval
from twophoton_decode.recording.plane_times import mid_times

_SECONDS = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "min": 60.0}


def children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Children by name, whatever the version of the schema."""
    return [each for each in element if each.tag.rpartition("}")[2] == name]


def child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    """The first child of that name."""
    return next(iter(children(element, name)), None)


def frame_rate(pixels: ElementTree.Element) -> float:
    """Frames per second: the time increment, else the times of the first and last frame.

    Some writers put a time increment of 0 where they know of none.
    """
    unit = _SECONDS.get(pixels.get("TimeIncrementUnit", "s"), 0)
    rate = rate_from_interval(pixels.get("TimeIncrement", 0), unit)
    if rate:
        return rate
    stamps = {frame: at for (frame, plane), at in _stamps(pixels).items() if plane == 0}
    if len(stamps) < 2:
        return 0.0
    first, last = min(stamps), max(stamps)
    return rate_from_interval((stamps[last] - stamps[first]) / (last - first))


def plane_delays(pixels: ElementTree.Element, planes: int, rate_hz: float) -> np.ndarray | None:
    """Mid-time of each plane's frame since its volume began, s; None if the XML does not say.

    `DeltaT` is when an image began [ours]; it lasts half the usual step to the next plane
    to its middle.
    """
    stamps = _stamps(pixels)
    frames = sorted({frame for frame, _ in stamps})
    if not frames:
        return None
    began = [[stamps.get((frame, plane), np.nan) for plane in range(planes)] for frame in frames]
    return mid_times(np.array(began), rate_hz)


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

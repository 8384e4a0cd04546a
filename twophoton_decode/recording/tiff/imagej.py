"""ImageJ's hyperstacks, and arrays as tifffile describes them: frames, slices, channels."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.tiff.time_axis import ASK, MOST_CHANNELS, taken_as_time, time_axis

_FRAME_RATES = (1e-3, 1e5)
_AXES = {"T": "frames", "Z": "slices", "C": "channels", "I": "frames", "Q": "frames"}
_ORDER = ("frames", "slices", "channels")
_IMAGEJ_SAYS = "ImageJ"
IMAGEJ = "ImageJ="
"""How ImageJ's descriptions begin."""


@dataclass(frozen=True)
class DescribedAxes:
    """Axes of the images of a file from the slowest on, by its description; `by` says whose.

    `names` are of frames, slices and channels, or empty where it gives none.
    """

    by: str
    sizes: tuple[int, ...]
    names: tuple[str, ...]
    rate_hz: float = 0.0


def described_axes(file: Path, description: str) -> DescribedAxes | None:
    """The axes that a page's description names for it and those after it.

    None where it is no description of ImageJ's or tifffile's, or one that promises nothing.

    Raises
    ------
    MovieError
        ImageJ's numbers of images cannot be numbers.
    """
    if description.startswith(IMAGEJ):
        metadata = imagej_metadata(description)
        sizes = tuple(_count(file, metadata, name) for name in _ORDER)
        return DescribedAxes(_IMAGEJ_SAYS, sizes, _ORDER, _imagej_rate(metadata))
    return _described_shape(description)


def promised_images(file: Path, description: str) -> int | None:
    """How many images a page's description announces; None if it says no number."""
    if description.startswith(IMAGEJ):
        metadata = imagej_metadata(description)
        return _count(file, metadata, "images") if "images" in metadata else None
    axes = _described_shape(description)
    return math.prod(axes.sizes) if axes else None


def acquisition_of(file: Path, axes: DescribedAxes | None, pages: int) -> Acquisition:
    """The images of one file by its axes; with a question where these do not settle the order.

    The name of a single axis says little: ImageJ calls the images of any plain stack
    slices, and tifffile writes channels by default. So one axis, whatever its name, is a
    movie, and planes and channels may be interleaved in it all the same.

    Raises
    ------
    MovieError
        There are more than three axes without names.
    """
    if axes is None:
        return Acquisition()
    plain = Acquisition(
        rate_hz=axes.rate_hz, source={"frame_rate_hz": axes.by if axes.rate_hz else ""}
    )
    longer = [pair for pair in zip(axes.sizes, axes.names, strict=True) if pair[0] > 1]
    if len(longer) <= 1:
        return replace(plain, guess=_about_one_axis(axes.by, longer))
    sizes, names = zip(*longer, strict=True)
    if math.prod(sizes) != pages:
        return replace(plain, question=_contradiction(file, sizes, names, pages))
    return _several_axes(file, axes.by, sizes, names, plain)


def _about_one_axis(by: str, longer: Sequence[tuple[int, str]]) -> str:
    """What to tell about the one axis; nothing of slices in ImageJ, which calls frames so."""
    misnamed = {"channels"} if by == _IMAGEJ_SAYS else {"channels", "slices"}
    told = (taken_as_time(by, name, size) for size, name in longer if name in misnamed)
    return next(told, "")


def _several_axes(
    file: Path, by: str, sizes: tuple[int, ...], names: tuple[str, ...], plain: Acquisition
) -> Acquisition:
    stored = np.arange(math.prod(sizes)).reshape(sizes)
    known = dict.fromkeys(_ORDER, 1) | dict(zip(names, sizes, strict=True))
    time = time_axis(known) if "" not in names and len(set(names)) == len(names) else ""
    if not time:
        question = _ambiguity(file, by, sizes, names)
        guess = "" if any(names) or sizes[-1] <= MOST_CHANNELS else _in_parts(file, sizes)
        page = _on_three_axes(stored, question)
        return replace(plain, page=page, question=question, guess=guess)
    notes = () if time == "frames" else (taken_as_time(by, time, known[time]),)
    names = tuple("frames" if name == time else name for name in names)
    return replace(
        plain,
        page=_frames_planes_channels(stored, names),
        source=plain.source | {"planes": by, "channels": by},
        warnings=notes,
    )


def _frames_planes_channels(stored: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """(frame, plane, channel) of images whose axes have names."""
    missing = [name for name in _ORDER if name not in names]
    full = stored.reshape(*stored.shape, *[1] * len(missing))
    order = [*names, *missing]
    return full.transpose([order.index(name) for name in _ORDER])


def _on_three_axes(stored: np.ndarray, question: str) -> np.ndarray:
    if stored.ndim > len(_ORDER):
        raise MovieError(f"{question.split(' by ')[0]}. Expected at most frames, planes, channels.")
    return stored.reshape(*[1] * (len(_ORDER) - stored.ndim), *stored.shape)


def _in_parts(file: Path, sizes: Sequence[int]) -> str:
    """What to tell where the fastest axis is too long for channels, and likely to be time."""
    return (
        f"{file.name} holds an array of {_in_words(sizes, ('',))} images without names of axes, as "
        f"of a movie that was written in {sizes[0]} parts: they are taken as {math.prod(sizes)} "
        f"frames one after the other; if they are {sizes[0]} channels or planes instead, set "
        "channels or planes in [recording]"
    )


def _in_words(sizes: Sequence[int], names: Sequence[str]) -> str:
    if "" in names:
        return " x ".join(map(str, sizes))
    return " and ".join(
        f"{size} {name}" for size, name in zip(sizes[::-1], names[::-1], strict=True)
    )


def _contradiction(file: Path, sizes: Sequence[int], names: Sequence[str], pages: int) -> str:
    return (
        f"{file} holds {pages} images, but its description says {_in_words(sizes, names)}. {ASK}"
        "the images are then taken as interleaved, channels fastest; with 1 and 1 each is a frame."
    )


def _ambiguity(file: Path, by: str, sizes: Sequence[int], names: Sequence[str]) -> str:
    return (
        f"{file} holds an array of {_in_words(sizes, names)} by {by}, which does not say which "
        f"axis is time. {ASK}the axis of that size is then planes or channels, every other one "
        "time."
    )


def _imagej_rate(metadata: Mapping[str, Any]) -> float:
    """Frames per second: `finterval` is in seconds, unless `tunit` says otherwise."""
    interval, unit = metadata.get("finterval", 0), str(metadata.get("tunit", "s"))
    seconds = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3}.get(unit.strip())
    return rate_from_interval(interval, seconds) if seconds else 0.0


def rate_from_interval(interval: object, seconds: float = 1.0) -> float:
    """1 / interval in Hz; 0 where it is no time between frames of any microscope."""
    try:
        rate = 1 / (float(str(interval)) * seconds)
    except (ValueError, ZeroDivisionError):
        return 0.0
    return rate if _FRAME_RATES[0] <= rate <= _FRAME_RATES[1] else 0.0


def imagej_metadata(description: str) -> dict[str, Any]:
    """The lines of ImageJ's description, by name."""
    pairs = (line.split("=", 1) for line in description.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def _count(file: Path, metadata: Mapping[str, Any], name: str) -> int:
    try:
        value = int(str(metadata.get(name, 1)))
    except ValueError:
        value = 0
    if value < 1:
        raise MovieError(
            f"{file}: ImageJ's description says {name} = {metadata.get(name)!r}. Expected a number "
            "of images: the file is damaged."
        )
    return value


def _described_shape(description: str) -> DescribedAxes | None:
    """tifffile's ``{"shape": …, "axes": …}`` of the images that follow."""
    try:
        found = json.loads(description)
        shape = [int(size) for size in found["shape"]]
        names = str(found.get("axes", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    outer = tuple(shape[:-2])
    if min(outer, default=0) < 1:
        return None
    named = names if len(names) == len(shape) else "?" * len(shape)
    return DescribedAxes(
        "tifffile's description", outer, tuple(_AXES.get(name, "") for name in named[:-2])
    )

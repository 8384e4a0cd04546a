"""ImageJ's hyperstacks, and arrays as tifffile describes them: frames, slices, channels."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.acquisition import Acquisition

_FRAME_RATES = (1e-3, 1e5)
_AXES = {"T": "frames", "Z": "slices", "C": "channels", "I": "frames", "Q": "frames"}
_ORDER = ("frames", "slices", "channels")


def described_axes(
    file: str, description: str, imagej: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """Sizes of the axes of one file: ``images`` in all, and where several are longer than 1.

    ``order`` names the axes from the slowest on. None where the metadata promise nothing.

    Raises
    ------
    MovieError
        An array has several axes without names, or more than frames, slices and channels.
    """
    if imagej is not None:
        return _hyperstack(file, imagej)
    return _described_shape(file, description)


def acquisition_of(axes: Mapping[str, Any] | None, pages: int) -> Acquisition:
    """The images of one file by its axes, as `described_axes` found them."""
    if axes is None:
        return Acquisition()
    rate = axes.get("rate_hz", 0.0)
    source = {"frame_rate_hz": axes["by"] if rate else ""}
    note = axes.get("note", "")
    warnings = (note,) if note else ()
    if axes["frames"] == pages:
        # One axis says little, so planes and channels may be interleaved all the same.
        return Acquisition(rate_hz=rate, source=source, warnings=warnings)
    source |= {"planes": axes["by"], "channels": axes["by"]}
    stored = np.arange(pages).reshape([axes[name] for name in axes["order"]])
    page = stored.transpose([axes["order"].index(name) for name in _ORDER])
    return Acquisition(page=page, rate_hz=rate, source=source, warnings=warnings)


def _hyperstack(file: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    """ImageJ: channels fastest, then slices, then frames.

    The name of a single axis says little: ImageJ calls the images of any plain stack
    slices, and tifffile writes channels by default. So one axis, whatever its name, is a
    movie; and where several channels have slices but no frames, slices are frames [ours].
    """
    sizes = {name: _count(file, metadata, name, 1) for name in _ORDER}
    images = _count(file, metadata, "images", 1)
    found: dict[str, Any] = {"images": images, "by": "ImageJ", "rate_hz": _imagej_rate(metadata)}
    longer = [name for name in _ORDER if sizes[name] > 1]
    if len(longer) <= 1:
        return found | {"frames": images, "slices": 1, "channels": 1, "order": _ORDER}
    if math.prod(sizes.values()) != images:
        names = " and ".join(f"{sizes[name]} {name}" for name in reversed(_ORDER))
        raise MovieError(
            f"{file} is an ImageJ stack of {images} images, but its description says {names}. "
            "The order of images cannot be known; save the stack anew in ImageJ."
        )
    if sizes["frames"] == 1:
        sizes["frames"], sizes["slices"] = sizes["slices"], 1
        found["note"] = f"the ImageJ stack has no time axis: its {sizes['frames']} slices are taken"
        found["note"] += " as frames"
    return found | sizes | {"order": _ORDER}


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


def _count(file: str, metadata: Mapping[str, Any], name: str, default: int) -> int:
    try:
        value = int(str(metadata.get(name, default)))
    except ValueError:
        value = 0
    if value < 1:
        raise MovieError(
            f"{file}: ImageJ's description says {name} = {metadata.get(name)!r}. Expected a number "
            "of images: the file is damaged."
        )
    return value


def _described_shape(file: str, description: str) -> dict[str, Any] | None:
    """tifffile's ``{"shape": …, "axes": …}`` in the first page's description.

    A file written frame by frame describes each frame on its own, and promises nothing.
    """
    try:
        found = json.loads(description)
        shape = [int(size) for size in found["shape"]]
        names = str(found.get("axes", ""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    outer = [(size, name) for size, name in zip(shape, names or "?" * len(shape), strict=False)]
    longer = [(size, name) for size, name in outer[:-2] if size > 1]
    if not longer:
        return None
    sizes = dict.fromkeys(_ORDER, 1)
    by = {"images": math.prod(size for size, _ in longer), "by": "tifffile's description"}
    if len(longer) == 1:
        return by | sizes | {"frames": longer[0][0], "order": _ORDER}
    order = [_AXES.get(name, "") for _, name in longer]
    if "" in order or len(set(order)) != len(order) or "frames" not in order:
        raise MovieError(
            f"{file} holds an array of shape {tuple(shape)}. Expected frames only, (frames, "
            "height, width), or axes named T, Z and C: save one plane and one channel."
        )
    sizes |= {name: size for name, (size, _) in zip(order, longer, strict=True)}
    return by | sizes | {"order": (*order, *(name for name in _ORDER if name not in order))}

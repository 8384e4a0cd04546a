"""A TIFF written part by part, each with a description of its own, as one stack in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from twophoton_decode.recording.tiff.imagej import DescribedAxes
from twophoton_decode.recording.tiff.time_axis import MOST_CHANNELS, time_axis

_ALONE = {"frames": 1, "slices": 1, "channels": 1}


def joined_axes(parts: Sequence[DescribedAxes]) -> DescribedAxes:
    """The axes of all parts, one after the other in time.

    Those of the first where the others differ in more than time, so that the images that are
    there contradict them.
    """
    first = parts[0]
    if len(parts) == 1:
        return first
    axis = _axis_of_time(parts)
    rest = {(part.names, _without(part.sizes, axis)) for part in parts}
    if len(rest) > 1:
        return first
    if axis is None:
        return replace(first, sizes=(len(parts), *first.sizes), names=("frames", *first.names))
    sizes = list(first.sizes)
    sizes[axis] = sum(part.sizes[axis] for part in parts)
    return replace(first, sizes=tuple(sizes))


def _axis_of_time(parts: Sequence[DescribedAxes]) -> int | None:
    """The axis of each part that is time; None where each part is of one moment."""
    first = parts[0]
    if "" not in first.names:
        time = time_axis(_ALONE | dict(zip(first.names, first.sizes, strict=True)))
        return first.names.index(time) if time in first.names else None
    few = 1 < first.sizes[0] <= MOST_CHANNELS and len({part.sizes for part in parts}) == 1
    return None if len(first.sizes) == 1 and few else 0


def _without(sizes: tuple[int, ...], axis: int | None) -> tuple[int, ...]:
    return sizes if axis is None else sizes[:axis] + sizes[axis + 1 :]

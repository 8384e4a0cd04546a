"""What the entries of a record's axes are called: images by name, cells by their ROI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.records import Record, Responses, Traces

OWN = {
    "added": "added",
    "averaged": "repeats_averaged",
    "candidate": "candidates",
    "compared": "compared",
    "control": "control",
    "count": "cells",
    "degradation": "degradation",
    "degraded": "degraded_name",
    "embedded": "embedded_cell",
    "example": "example_image",
    "image": "image_name",
    "layer": "layer",
    "octave": "octave_low",
    "picture": "picture_name",
    "plane": "plane_number",
    "pool": "pool_name",
    "population": "population",
    "reference": "reference",
    "refit": "refitted_cells",
    "removal": "removed",
    "segment": "segment_time_s",
    "space": "space",
    "strength": "strength",
    "strong": "strong_count",
    "sufficiency": "suffice_cells",
}
"""Axes whose entries are told by an array of the record itself."""

Coordinate = tuple[str, str, Any, dict[str, str]]
"""Name, axis, values and attributes."""


@dataclass(frozen=True, eq=False)
class Population:
    """Images, cells and presentations of a session, as every record after `responses` has them.

    `image` (images,) are names, `cell` (cells,) ROI numbers, or 0…cells-1 of imported responses;
    `shown` (presentations,) names, `repeat` and `onset_s` (presentations,).
    """

    image: np.ndarray
    cell: np.ndarray
    shown: np.ndarray
    repeat: np.ndarray
    onset_s: np.ndarray

    @classmethod
    def of(cls, responses: Responses) -> Population:
        """As the responses of the session have them."""
        imported = bool((responses.roi < 0).any())
        cell = np.arange(responses.cells) if imported else responses.roi
        names = responses.image_name
        shown = names[responses.image]
        return cls(names, cell, shown, responses.repeat, responses.onset_s)

    def along(self, axis: str) -> Iterator[Coordinate]:
        """Coordinates of an axis."""
        if axis == "image":
            yield "image", axis, self.image, {"long_name": "name of the image"}
        elif axis == "cell":
            yield "cell", axis, self.cell, {"long_name": "number of the ROI"}
        elif axis == "presentation":
            yield "presentation", axis, np.arange(len(self.shown)), {}
            yield "shown", axis, self.shown, {"long_name": "name of the image shown"}
            yield "repeat", axis, self.repeat, {"long_name": "which repeat of the image"}
            yield "onset_s", axis, self.onset_s, {"long_name": "onset", "units": "s"}


def coordinates(
    record: Record, sizes: dict[str, int], population: Population | None
) -> Iterator[Coordinate]:
    """Coordinates of every axis of `record` that has any.

    Parameters
    ----------
    record : Record
    sizes : dict
        Length of every axis.
    population : Population or None
        None where it is not known whether the record belongs to the session's responses.
    """
    for axis in sizes:
        if axis == "end" and sizes[axis] == 2:
            yield axis, axis, ["low", "high"], {"long_name": "end of the interval"}
        elif axis == "roi":
            yield axis, axis, np.arange(sizes[axis]), {"long_name": "number of the ROI"}
        elif axis == "frame" and isinstance(record, Traces):
            began = record.began_s(np.arange(sizes[axis]))
            yield "time_s", axis, began, {"long_name": "when the frame began", "units": "s"}
        elif (values := _own(record, axis)) is not None:
            yield axis, axis, values, record.attributes(OWN[axis])
        elif population is not None:
            yield from population.along(axis)


def _own(record: Record, axis: str) -> np.ndarray | None:
    """The array of the record that tells this axis's entries, if it has one."""
    spec = dict(record.arrays()).get(OWN.get(axis, ""))
    return getattr(record, OWN[axis]) if spec is not None and spec.axes == (axis,) else None

"""The calibration of an HDF5 dataset, by the attributes that programs write for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import h5py
import numpy as np

from twophoton_decode.errors import MovieError
from twophoton_decode.recording.levels.calibration import Calibration

_FEMTONICS = ("ConversionLinearScale", "ConversionLinearOffset")


def hdf5_calibration(dataset: h5py.Dataset, *, nwb: bool = False) -> Calibration:
    """The straight line from stored to grey levels; one that changes nothing without attributes.

    Femtonics writes it beside the dataset, with the dataset's name before it; the CF
    conventions (netCDF) say scale_factor and add_offset, and NWB conversion and offset.

    Raises
    ------
    MovieError
        An attribute is no finite number, or the scale is 0.
    """
    for by, attributes, scale, offset in _places(dataset, nwb):
        if scale in attributes or offset in attributes:
            found = Calibration(_number(attributes, offset, 0.0), _number(attributes, scale, 1.0))
            if not found.can_be_used:
                raise MovieError(
                    f"{dataset.file.filename}::{dataset.name}: the attributes {scale} and {offset} "
                    "cannot be used. Expected finite numbers, the scale not 0: correct or remove "
                    "them."
                )
            return Calibration(found.offset, found.scale, by)
    return Calibration()


def _places(dataset: h5py.Dataset, nwb: bool) -> Iterator[tuple[str, Mapping[str, Any], str, str]]:
    """Who may have written it, where, and under which names."""
    name = dataset.name.rsplit("/", 1)[-1]
    prefixed = (f"{name}_Conversion_{each}" for each in _FEMTONICS)
    yield "Femtonics' conversion", dataset.parent.attrs, *prefixed
    yield "Femtonics' conversion", dataset.attrs, *_FEMTONICS
    yield "scale_factor and add_offset", dataset.attrs, "scale_factor", "add_offset"
    if nwb:
        yield "NWB's conversion", dataset.attrs, "conversion", "offset"


def _number(attributes: Mapping[str, Any], name: str, default: float) -> float:
    """An attribute of one number; NaN for anything else."""
    if name not in attributes:
        return default
    value = np.ravel(attributes[name])
    if value.size != 1 or value.dtype.kind not in "iuf":
        return float("nan")
    return float(value[0])

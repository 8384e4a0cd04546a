"""Arrays in netCDF files of version 3 and 4: named axes, fill values, packed numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy.io import netcdf_file

from twophoton_decode.files.arrays.found import FoundArray, what_of
from twophoton_decode.files.arrays.hdf5_arrays import array_names, axes_of, stored_values
from twophoton_decode.files.arrays.memory import check_memory
from twophoton_decode.files.arrays.names import chosen
from twophoton_decode.files.damage.global_heaps import check_global_heaps
from twophoton_decode.files.hdf5_dataset import item_at


def read_netcdf(path: Path, key: str) -> FoundArray:
    """One variable, fill values as NaN, packed values multiplied and shifted as it says."""
    return _from_hdf5(path, key) if h5py.is_hdf5(path) else _from_classic(path, key)


def _from_hdf5(path: Path, key: str) -> FoundArray:
    check_global_heaps(path)
    with h5py.File(path, "r") as file:
        name = chosen(path, key.strip("/"), array_names(file), what="variable")
        dataset: Any = item_at(file, name)
        values = stored_values(dataset, what_of(path, key))
        return _decoded(FoundArray(values, axes_of(dataset)), dataset.attrs)


def _from_classic(path: Path, key: str) -> FoundArray:
    check_memory(path.stat().st_size, 1, str(path))
    with netcdf_file(path, "r", mmap=False) as file:
        name = chosen(path, key.strip("/"), list(file.variables), what="variable")
        variable = file.variables[name]
        values = np.array(variable.data, dtype=variable.data.dtype.newbyteorder("="))
        return _decoded(FoundArray(values, tuple(variable.dimensions)), variable._attributes)


def _decoded(found: FoundArray, attributes: Mapping[str, Any]) -> FoundArray:
    """By the conventions for climate and forecast data, as xarray does."""
    if found.values.dtype.kind not in "iuf":
        return found
    values, notes = found.values, []
    missing = np.zeros(values.shape, dtype=bool)
    for name in ("_FillValue", "missing_value"):
        if name in attributes:
            missing |= values == np.ravel(attributes[name])[0]
    factor, offset = (
        float(np.ravel(attributes.get(name, default))[0])
        for name, default in (("scale_factor", 1.0), ("add_offset", 0.0))
    )
    if (factor, offset) != (1.0, 0.0):
        values = values.astype(np.float64) * factor + offset
        notes.append(f"its packed values were multiplied by {factor:g}, and {offset:g} added")
    if missing.any():
        values = np.where(missing, np.nan, values.astype(np.float64))
        notes.append(f"{missing.sum()} fill values were taken as NaN")
    return replace(found, values=values, notes=(*found.notes, *notes))

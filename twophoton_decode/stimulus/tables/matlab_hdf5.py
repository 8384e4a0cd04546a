"""MATLAB's version 7.3 files, which are HDF5: variables as SciPy gives those of version 5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from twophoton_decode.errors import MovieError, StimulusLogError
from twophoton_decode.files.arrays.matlab.version_7_3 import class_of
from twophoton_decode.files.damage.global_heaps import check_global_heaps
from twophoton_decode.files.hdf5_dataset import check_stored
from twophoton_decode.stimulus.tables.matlab_tables import MatlabObject

_MOST_VALUES = 20_000_000
_DEEPEST = 6


def hdf5_variables(path: Path) -> dict[str, Any]:
    """Every variable: structs as dictionaries, cell arrays as arrays of objects.

    Raises
    ------
    StimulusLogError
        Values that lie in other files, were not written whole, or are too many for a log.
    """
    check_global_heaps(path)
    with h5py.File(path, "r") as file:
        try:
            return {
                name: _value(file, file[name], 0)
                for name in file
                if not name.startswith("#")
                and isinstance(file.get(name, getlink=True), h5py.HardLink)
            }
        except MovieError as failure:
            raise StimulusLogError(str(failure)) from failure


def _value(file: h5py.File, item: h5py.Group | h5py.Dataset, depth: int) -> Any:
    kind = class_of(item)
    if "MATLAB_object_decode" in item.attrs or depth > _DEEPEST:
        return MatlabObject(kind or "object")
    if isinstance(item, h5py.Group):
        return _struct(file, item, depth)
    if item.attrs.get("MATLAB_empty", 0):
        return "" if kind == "char" else np.array([])
    check_stored(item)
    if item.size is None or item.size > _MOST_VALUES:
        raise StimulusLogError(
            f"{item.name} holds {item.size} values, too many for a stimulus log. Save only the "
            "log's variables."
        )
    values = np.asarray(item[()]).T
    if h5py.check_ref_dtype(item.dtype) is h5py.Reference:
        return _squeezed(_referred(file, values, depth))
    if kind == "char":
        return _char(values)
    return _squeezed(values.astype(bool) if kind == "logical" else values)


def _struct(file: h5py.File, group: h5py.Group, depth: int) -> Any:
    """One struct as a dictionary, an array of structs as a list of them."""
    fields = {name: _value(file, group[name], depth + 1) for name in group}
    arrays = [name for name in group if _is_field_of_array(group[name])]
    if not arrays or len(arrays) < len(fields):
        return fields
    columns = [np.atleast_1d(fields[name]).ravel() for name in arrays]
    return [dict(zip(arrays, row, strict=True)) for row in zip(*columns, strict=True)]


def _is_field_of_array(item: h5py.Group | h5py.Dataset) -> bool:
    """A field of a struct array is a list of references without a class of its own."""
    is_dataset = isinstance(item, h5py.Dataset)
    return is_dataset and not class_of(item) and h5py.check_ref_dtype(item.dtype) is h5py.Reference


def _referred(file: h5py.File, references: np.ndarray, depth: int) -> np.ndarray:
    values = np.empty(references.shape, dtype=object)
    for place, reference in np.ndenumerate(references):
        values[place] = _value(file, file[reference], depth + 1) if reference else ""
    return values


def _char(values: np.ndarray) -> str | np.ndarray:
    """A text, or a vector of texts from the rows of a matrix of characters."""
    rows = ["".join(map(chr, row)) for row in np.atleast_2d(values)]
    return rows[0] if len(rows) == 1 else np.array(rows)


def _squeezed(values: np.ndarray) -> Any:
    """Without axes of length one, as SciPy does; a vector keeps its axis."""
    squeezed = values.squeeze()
    return squeezed.reshape(1) if squeezed.ndim == 0 and values.dtype == object else squeezed

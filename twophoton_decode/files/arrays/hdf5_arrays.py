"""Arrays in HDF5 files, MATLAB's v7.3 and NWB among them; nothing from other files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.files.arrays.found import FoundArray, what_of
from twophoton_decode.files.arrays.matlab.version_7_3 import (
    class_of,
    is_matlab_file,
    is_sparse,
    read_marked,
)
from twophoton_decode.files.arrays.memory import check_memory
from twophoton_decode.files.arrays.names import chosen
from twophoton_decode.files.damage.global_heaps import check_global_heaps
from twophoton_decode.files.hdf5_dataset import check_stored, item_at


def read_hdf5(path: Path, key: str) -> FoundArray:
    """One array of an HDF5 file, in MATLAB's order where MATLAB wrote it.

    Its mark decides, the attribute ``MATLAB_class`` or the file's first bytes, not the suffix.
    """
    check_global_heaps(path)
    with h5py.File(path, "r") as file:
        name, what = _name(path, key, file), what_of(path, key)
        item = item_at(file, name)
        if class_of(item) or is_sparse(item) or is_matlab_file(path):
            return read_marked(file, item, what, name.rpartition("/")[2])
        unmarked = path.suffix.lower() != ".nwb"
        return FoundArray(
            stored_values(item, what),
            axes=axes_of(item),
            order="unmarked" if unmarked else "given",
            notes=(*_notes(item), *_unlike_its_suffix(path)),
        )


def array_names(file: h5py.File) -> list[str]:
    """Every dataset and MATLAB's sparse matrices, but what MATLAB hides under ``#``."""
    found: list[str] = []

    def collect(name: str, item: h5py.Group | h5py.Dataset) -> None:
        inside_sparse = any(name.startswith(f"{sparse}/") for sparse in sparse_ones)
        if name.startswith("#") or inside_sparse or _is_bare_dimension(item):
            return
        if is_sparse(item):
            sparse_ones.append(name)
        if isinstance(item, h5py.Dataset) or is_sparse(item):
            found.append(name)

    sparse_ones: list[str] = []
    file.visititems(collect)
    return found


def stored_values(dataset: h5py.Dataset, what: str) -> np.ndarray:
    """The numbers or texts of a dataset as stored, if they are there and fit into memory."""
    if not isinstance(dataset, h5py.Dataset):
        raise ResponseError(f"{what} is a group of HDF5, not an array.")
    check_stored(dataset)
    check_memory(dataset.size or 0, dataset.dtype.itemsize, what)
    if h5py.check_string_dtype(dataset.dtype) is not None:
        return np.asarray(dataset.asstr(errors="replace")[()], dtype=str)
    if dataset.dtype.hasobject:
        raise ResponseError(f"{what} holds references or lists of HDF5, not numbers.")
    return np.asarray(dataset)


def axes_of(dataset: h5py.Dataset) -> tuple[str, ...]:
    """Names of all axes, from the dimensions' scales or labels; empty where one has none."""
    names = tuple(
        str(dimension[0].name).rpartition("/")[2] if len(dimension) else str(dimension.label)
        for dimension in dataset.dims
    )
    return names if all(names) else ()


def _name(path: Path, key: str, file: h5py.File) -> str:
    names = array_names(file)
    if key and key.strip("/") not in names and isinstance(item_at(file, key), h5py.Dataset):
        return key
    return chosen(path, key.strip("/"), names)


def _is_bare_dimension(item: Any) -> bool:
    """Whether a dataset only stands for the length of an axis, as netCDF writes them."""
    name = item.attrs.get("NAME", b"")
    return isinstance(name, bytes) and name.startswith(b"This is a netCDF dimension but not")


def _unlike_its_suffix(path: Path) -> tuple[str, ...]:
    if path.suffix.lower() != ".mat":
        return ()
    return ("it has no mark of MATLAB (MATLAB_class), so the axes are taken as HDF5 stores them",)


def _notes(dataset: h5py.Dataset) -> tuple[str, ...]:
    factor = dataset.attrs.get("conversion", 1.0)
    if np.size(factor) == 1 and factor == 1.0:
        return ()
    return (f"its conversion to a unit, times {factor}, is not applied",)

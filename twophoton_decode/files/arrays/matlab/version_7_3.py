"""Arrays as MATLAB keeps them in HDF5 (v7.3): reversed axes, cells, truth values, sparse ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import scipy.sparse

from twophoton_decode.errors import ResponseError
from twophoton_decode.files.arrays.found import FoundArray, stacked, stacking_note
from twophoton_decode.files.arrays.matlab.objects import refused_object
from twophoton_decode.files.arrays.memory import check_memory, dense
from twophoton_decode.files.hdf5_dataset import check_stored
from twophoton_decode.words import decoded

_NUMBERS = {
    "double", "single", "logical",
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
}  # fmt: skip
_BEGINNING = b"MATLAB 7.3 MAT-file"


def is_matlab_file(path: Path) -> bool:
    """Whether MATLAB's own first bytes stand before the HDF5: ``save -v7.3`` wrote it."""
    with path.open("rb") as stream:
        return stream.read(len(_BEGINNING)) == _BEGINNING


def class_of(item: Any) -> str:
    """What MATLAB calls the class of an item; empty where MATLAB did not write it."""
    return decoded(item.attrs.get("MATLAB_class", b"")) if item is not None else ""


def is_sparse(item: Any) -> bool:
    """Whether a group is a sparse matrix."""
    return isinstance(item, h5py.Group) and "MATLAB_sparse" in item.attrs


def read_marked(file: h5py.File, item: Any, what: str, name: str) -> FoundArray:
    """The array that MATLAB calls `name`, its axes in MATLAB's order.

    Raises
    ------
    ResponseError
        It is a structure, or an object that only MATLAB can read; cells of different sizes.
    """
    if is_sparse(item):
        return dense(_sparse(item), what, "matlab")
    if not isinstance(item, h5py.Dataset):
        raise ResponseError(f"{what} is a structure of MATLAB; name one of its fields.")
    kind = class_of(item)
    if h5py.check_ref_dtype(item.dtype) is h5py.Reference:
        return _cells(file, item, what)
    if kind == "char":
        return FoundArray(_texts(_values(item, what)), order="matlab")
    if kind and kind not in _NUMBERS:
        raise refused_object(what, name, kind)
    values = _values(item, what)
    return FoundArray(values.astype(bool) if kind == "logical" else values, order="matlab")


def _values(dataset: h5py.Dataset, what: str) -> np.ndarray:
    check_stored(dataset)
    if "MATLAB_empty" in dataset.attrs:
        return np.empty(tuple(map(int, np.ravel(dataset)[:8])))
    check_memory(dataset.size or 0, dataset.dtype.itemsize, what)
    return np.asarray(dataset).T


def _cells(file: h5py.File, dataset: h5py.Dataset, what: str) -> FoundArray:
    """Cells, or the same field of all structures of an array, read one by one."""
    check_stored(dataset)
    check_memory(dataset.size or 0, dataset.dtype.itemsize, what)
    references = np.asarray(dataset).T
    items = [_inside(file, each, what) for each in references.ravel(order="F")]
    if items and all(class_of(item) == "char" for item in items):
        texts = [str(_texts(_values(item, what)).item()) for item in items]
        return FoundArray(np.array(texts), order="matlab")
    if any(class_of(item) not in _NUMBERS for item in items):
        raise ResponseError(f"{what}: expected numbers in every cell, found texts or other cells.")
    check_memory(sum(item.size or 0 for item in items), 1, what)
    values = stacked([_values(item, what) for item in items], references.shape, what)
    return FoundArray(values, notes=(stacking_note(len(items)),))


def _inside(file: h5py.File, reference: Any, what: str) -> h5py.Dataset:
    item = file[reference] if reference else None
    if not isinstance(item, h5py.Dataset):
        raise ResponseError(f"{what}: expected numbers in every cell, found something else.")
    return item


def _texts(codes: np.ndarray) -> np.ndarray:
    """Rows of UTF-16 codes as one text each."""
    rows = np.atleast_2d(codes).astype("<u2")
    return np.array([row.tobytes().decode("utf-16-le", errors="replace").rstrip() for row in rows])


def _sparse(group: h5py.Group) -> scipy.sparse.csc_matrix:
    """Stored by columns; a matrix without entries has neither values nor rows."""
    starts = np.asarray(group["jc"]).astype(np.int64)
    shape = (int(np.ravel(group.attrs["MATLAB_sparse"])[0]), starts.size - 1)
    if "data" not in group:
        return scipy.sparse.csc_matrix(shape)
    for name in ("data", "ir", "jc"):
        check_stored(group[name])
    rows = np.asarray(group["ir"]).astype(np.int64)
    return scipy.sparse.csc_matrix((np.asarray(group["data"]), rows, starts), shape=shape)

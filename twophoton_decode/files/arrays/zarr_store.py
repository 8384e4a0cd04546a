"""Arrays in zarr stores, where the package zarr is installed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from twophoton_decode.errors import UsageError
from twophoton_decode.files.arrays.found import FoundArray, what_of
from twophoton_decode.files.arrays.memory import check_memory
from twophoton_decode.files.arrays.names import chosen


def read_zarr(path: Path, key: str) -> FoundArray:
    """One array of a store, or the store itself where it is an array.

    Raises
    ------
    UsageError
        zarr is not installed.
    """
    try:
        zarr = importlib.import_module("zarr")
    except ImportError as error:
        raise UsageError(
            f"{path} is a zarr store, and the package zarr is not installed. Install it (pip "
            "install zarr), or save the array as .npy."
        ) from error
    store = zarr.open(str(path), mode="r")
    arrays = {"": store} if hasattr(store, "dtype") else dict(_arrays(store))
    name = "" if "" in arrays and not key else chosen(path, key.strip("/"), list(arrays))
    array, what = arrays[name], what_of(path, key)
    check_memory(int(array.size), array.dtype.itemsize, what)
    return FoundArray(np.asarray(array[...]), axes=_axes(array))


def _arrays(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name in group:
        item = group[name]
        if hasattr(item, "dtype"):
            yield f"{prefix}{name}", item
        else:
            yield from _arrays(item, f"{prefix}{name}/")


def _axes(array: Any) -> tuple[str, ...]:
    """As zarr 3 names them, or xarray beside an array of zarr 2; empty where neither does."""
    named = getattr(getattr(array, "metadata", None), "dimension_names", None)
    names = named or array.attrs.get("_ARRAY_DIMENSIONS", ())
    return tuple(map(str, names)) if len(names) == array.ndim and all(names) else ()

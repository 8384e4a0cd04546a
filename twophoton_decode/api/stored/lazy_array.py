"""Arrays larger than memory in an xarray dataset: read where they are indexed."""

from __future__ import annotations

from typing import Any

import numpy as np
from xarray.backends import BackendArray
from xarray.core import indexing

from twophoton_decode.session.netcdf import OpenedArray


class LazyArray(BackendArray):
    """An `OpenedArray` as xarray's backends have their arrays."""

    def __init__(self, opened: OpenedArray) -> None:
        self._opened = opened
        self.shape, self.dtype = opened.shape, opened.dtype

    def __getitem__(self, key: indexing.ExplicitIndexer) -> np.ndarray:
        # HDF5 takes one list of indices at a time; xarray does the rest in memory.
        support = indexing.IndexingSupport.OUTER_1VECTOR
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._read)

    def _read(self, key: tuple[Any, ...]) -> np.ndarray:
        return np.asarray(self._opened[key], dtype=self.dtype)


def lazily(opened: OpenedArray) -> Any:
    """Values for an `xarray.Variable`."""
    return indexing.LazilyIndexedArray(LazyArray(opened))

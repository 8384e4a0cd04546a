"""Records as netCDF files: written whole or not at all, read with their axes checked.

What a file holds follows from the record's declaration (``records.declaration``). Arrays
are written a block at a time, so that none has to fit into memory.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import h5netcdf
import h5py
import numpy as np

from twophoton_decode import __version__
from twophoton_decode.errors import RecordError
from twophoton_decode.files.atomic import replacing
from twophoton_decode.files.damage.global_heaps import check_global_heaps
from twophoton_decode.records import Record
from twophoton_decode.records.declaration import ArraySpec
from twophoton_decode.session.attributes import FORMAT, as_json, attribute_of, scalar_of
from twophoton_decode.visible import storable

BLOCK_BYTES = 32 * 2**20
_UNREADABLE = (
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
)
"""What h5py and h5netcdf raise on a damaged file."""

R = TypeVar("R", bound=Record)


@dataclasses.dataclass(frozen=True)
class OpenedArray:
    """An array in a record file that is read where it is indexed.

    The file is open only during a read, so that nothing keeps it from being replaced.
    """

    path: Path
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype

    def __getitem__(self, index: Any) -> np.ndarray:
        with _opened(self.path) as file:
            return np.asarray(file[self.name][index])

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[...].astype(dtype or self.dtype)


def write_record(path: Path, record: Record) -> str:
    """Write `record` to `path` and return the hash of its content.

    The hash covers declarations and values, not bytes on disk: equal records have equal
    hashes whichever version of the HDF5 library wrote them.
    """
    digest = hashlib.blake2b(type(record).__name__.encode(), digest_size=20)
    with replacing(path) as temporary, h5netcdf.File(temporary, "w", locking=False) as file:
        file.dimensions = _dimensions(record)
        file.attrs["record"] = type(record).__name__
        file.attrs["tpdecode_version"] = __version__
        file.attrs["format"] = FORMAT
        for name, spec in record.arrays():
            value = getattr(record, name)
            if value is not None:
                variable = _write_array(file, record.variable_name(name), spec, value, digest)
                variable.attrs.update(record.attributes(name))
        for name, value in _scalars(record):
            file.attrs[name] = attribute_of(value)
            digest.update(f"{name}={as_json(value)}".encode())
    return digest.hexdigest()


def read_record(path: Path, kind: type[R]) -> R:
    """Read a record of type `kind`; `RecordError` if the file is damaged or another kind."""
    try:
        with _opened(path) as file:
            found = file.attrs.get("record", "no record")
            if found != kind.__name__:
                raise RecordError(f"{path} holds {found}, not {kind.__name__}.")
            values: dict[str, Any] = {
                name: _read_array(path, file, kind.variable_name(name), spec)
                for name, spec in kind.arrays()
                if kind.variable_name(name) in file.variables or not (spec.optional or spec.later)
            }
            form = int(file.attrs.get("format", 1))
            types = {field.name: str(field.type) for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
            # What an earlier version did not write has its default.
            values |= {
                name: scalar_of(file.attrs[name], types[name], form)
                for name, _ in kind.scalars()
                if name in file.attrs or not kind.has_default(name)
            }
    except _UNREADABLE as error:
        raise RecordError(
            f"{path} cannot be read as {kind.__name__} ({error}). It is damaged or comes from "
            "another version; delete it and run `tpdecode run` on the session again."
        ) from error
    return kind(**values)


@contextmanager
def _opened(path: Path) -> Iterator[h5netcdf.File]:
    """The file, whose attributes can be read.

    Where they cannot, h5netcdf's file complains once more when it is freed: a traceback on
    the user's screen. So h5py opens it, and looks first.
    """
    check_global_heaps(path)
    with h5py.File(path, "r", locking=False) as file:
        file.attrs.get("_nc3_strict")
        with h5netcdf.File(file, "r") as opened:
            yield opened


def _dimensions(record: Record) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for name, spec in record.arrays():
        value = getattr(record, name)
        if value is not None:
            sizes |= zip(_dimension_names(spec), value.shape, strict=True)
    return sizes


def _dimension_names(spec: ArraySpec) -> list[str]:
    return [axis.replace("+1", "_edge") for axis in spec.axes]


def _write_array(
    file: h5netcdf.File, name: str, spec: ArraySpec, value: Any, digest: hashlib.blake2b
) -> h5netcdf.Variable:
    stored = {str: h5py.string_dtype(), bool: np.dtype("i1")}.get(spec.dtype, np.dtype(spec.dtype))
    chunks = _chunks(value.shape, np.dtype(spec.dtype).itemsize) if spec.dtype is not str else None
    variable = file.create_variable(name, _dimension_names(spec), dtype=stored, chunks=chunks)
    if spec.dtype is bool:
        # xarray's own mark: netCDF has no truth values.
        variable.attrs["dtype"] = "bool"
    digest.update(f"{name}{value.shape}{np.dtype(spec.dtype).str}".encode())
    for block in _blocks(value.shape, np.dtype(spec.dtype).itemsize):
        values: np.ndarray = np.ascontiguousarray(value[block], dtype=spec.dtype)
        if spec.dtype is str:
            values = np.vectorize(storable, otypes=[str])(values) if values.size else values
        variable[block] = values.astype(object if spec.dtype is str else stored)
        digest.update("\0".join(values.ravel()).encode() if spec.dtype is str else values.tobytes())
    return variable


def _blocks(shape: tuple[int, ...], itemsize: int) -> Iterator[slice]:
    """Slices along the first axis of about `BLOCK_BYTES` each."""
    row = itemsize * int(np.prod(shape[1:], dtype=np.int64))
    step = max(1, BLOCK_BYTES // max(1, row))
    for start in range(0, shape[0], step):
        yield slice(start, min(start + step, shape[0]))


def _chunks(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...] | None:
    """One row a chunk where rows are large, so that a block of rows is read alone."""
    row = itemsize * int(np.prod(shape[1:], dtype=np.int64))
    return (1, *shape[1:]) if len(shape) > 1 and row >= 2**14 and shape[0] > 1 else None


def _read_array(path: Path, file: h5netcdf.File, name: str, spec: ArraySpec) -> Any:
    variable = file[name]
    if spec.opened:
        return OpenedArray(path, name, tuple(variable.shape), np.dtype(spec.dtype))
    if spec.dtype is str:
        return np.array([text.decode() for text in variable[...]], dtype=str)
    return variable[...].astype(spec.dtype)


def _scalars(record: Record) -> Iterator[tuple[str, Any]]:
    """Name and value of every scalar that is known."""
    for name, _ in record.scalars():
        value = getattr(record, name)
        if value is not None:
            yield name, value

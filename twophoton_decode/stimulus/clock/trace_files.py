"""Traces in files: HDF5, NWB, WaveSurfer, NumPy, tables, raw binary; one column at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from twophoton_decode.errors import AlignmentError, MovieError, UsageError
from twophoton_decode.files.array import open_array
from twophoton_decode.files.arrays.hdf5_arrays import array_names
from twophoton_decode.files.arrays.names import SUFFIXES, chosen
from twophoton_decode.files.hdf5_dataset import check_stored, item_at, opened_hdf5
from twophoton_decode.stimulus.clock.trace import Trace
from twophoton_decode.stimulus.clock.wavesurfer import is_wavesurfer, rate_of, scaling, scan_names

_HDF5 = (".h5", ".hdf5", ".nwb")
RAW_TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")


@dataclass(frozen=True)
class TraceChoice:
    """What the user says of a trace.

    Attributes
    ----------
    path : Path
    key : str
        Array in the file; empty where it has only one.
    column : int
        Which column, counted from 1; of a file of bits, which bit.
    rate_hz : float
        Samples per second; 0: as the file says.
    dtype : str
        Type of raw binary samples; empty for files that say it.
    columns : int
        Columns of a raw binary file.
    """

    path: Path
    key: str = ""
    column: int = 1
    rate_hz: float = 0.0
    dtype: str = ""
    columns: int = 1


@contextmanager
def opened_trace(choice: TraceChoice) -> Iterator[Trace]:
    """The chosen trace, its file open for as long as the block lasts.

    Raises
    ------
    UsageError
        No such file, key or column; no sampling rate.
    AlignmentError
        The file is damaged, cut short, or holds no trace there.
    """
    path = choice.path
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file.")
    suffix = path.suffix.lower()
    if choice.dtype:
        yield _raw(choice)
    elif suffix in _HDF5:
        try:
            with opened_hdf5(path) as file:
                yield _hdf5(file, choice)
        except MovieError as failure:
            raise AlignmentError(str(failure)) from failure
    elif suffix in SUFFIXES:
        values = _npy(path) if suffix == ".npy" and not choice.key else None
        if values is None:
            values = open_array(path, choice.key, error=AlignmentError).values
        yield _of_array(choice, values, _rate(choice, 0.0))
    else:
        raise UsageError(
            f"{path}: expected a file ending in {', '.join(SUFFIXES)}. For raw binary samples say "
            "what they are, such as --dtype int16 --columns 8."
        )


def _npy(path: Path) -> np.ndarray:
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError, EOFError) as failure:
        raise AlignmentError(
            f"{path} cannot be read as an .npy file of numbers: it is damaged, cut short, or "
            "holds Python objects, which are never loaded."
        ) from failure


def _raw(choice: TraceChoice) -> Trace:
    dtype = np.dtype(choice.dtype)
    size, each = choice.path.stat().st_size, dtype.itemsize * choice.columns
    if not size or size % each:
        raise AlignmentError(
            f"{choice.path} has {size} bytes, no whole number of samples of {choice.columns} x "
            f"{choice.dtype} ({each} bytes). Check --dtype and --columns, or whether the file is "
            "cut short."
        )
    table = np.memmap(choice.path, dtype=dtype, mode="r", shape=(size // each, choice.columns))
    return _of_array(choice, table, _rate(choice, 0.0))


def _of_array(choice: TraceChoice, values: np.ndarray, rate_hz: float) -> Trace:
    if values.dtype.kind not in "biuf" or values.ndim not in (1, 2):
        raise AlignmentError(
            f"{_what(choice)}: expected one or two axes of numbers, found {values.ndim} of "
            f"{values.dtype}."
        )
    read, samples = _column(choice, values, values.shape)
    return Trace(_what(choice), samples, rate_hz, read)


def _hdf5(file: h5py.File, choice: TraceChoice) -> Trace:
    if is_wavesurfer(file):
        return _wavesurfer(file, choice)
    item, name = item_at(file, choice.key) if choice.key else None, choice.key
    if isinstance(item, h5py.Group) and isinstance(item.get("data", getlink=True), h5py.HardLink):
        name = f"{choice.key.rstrip('/')}/data"
    elif not isinstance(item, h5py.Dataset):
        name = chosen(choice.path, choice.key.strip("/"), array_names(file))
    data = _dataset(file, name, choice)
    rate, start, time_of = _nwb_times(file, name.rpartition("/")[0])
    read, samples = _column(choice, data, data.shape)
    rate = _rate(choice, rate)
    return Trace(_what(choice, name), samples, rate, read, start, time_of)


def _nwb_times(
    file: h5py.File, group: str
) -> tuple[float, float, Callable[[np.ndarray], np.ndarray] | None]:
    """Rate, start and, where each sample has its time, those of an NWB time series."""
    start = item_at(file, f"{group}/starting_time")
    if isinstance(start, h5py.Dataset) and "rate" in start.attrs:
        return float(start.attrs["rate"]), float(start[()]), None
    stamps = item_at(file, f"{group}/timestamps")
    if not isinstance(stamps, h5py.Dataset) or stamps.ndim != 1 or stamps.size < 2:
        return 0.0, 0.0, None
    check_stored(stamps)
    first, last = float(stamps[0]), float(stamps[-1])
    if not last > first:
        raise AlignmentError(f"{file.filename}::{group}/timestamps do not rise.")

    def time_of(sample: np.ndarray) -> np.ndarray:
        return np.array([float(stamps[int(each)]) for each in sample])

    return (stamps.size - 1) / (last - first), first, time_of


def _wavesurfer(file: h5py.File, choice: TraceChoice) -> Trace:
    name = _scans(file, choice)
    data = _dataset(file, name, choice)
    rate = _rate(choice, rate_of(file))
    if name.endswith("digitalScans"):
        return _bits(choice, data, rate, name)
    read, samples = _column(choice, data, data.shape, first_axis=1)
    scale = scaling(file, choice.column - 1, data.shape[0])
    return Trace(_what(choice, name), samples, rate, lambda a, b: scale(read(a, b)))


def _scans(file: h5py.File, choice: TraceChoice) -> str:
    """The scans that the key names; of a sweep, or of the only one, the analog ones if there."""
    names, key = scan_names(file), choice.key.strip("/")
    if key not in names:
        analog = [name for name in names if name.endswith("analogScans")]
        of_sweep = [name for name in analog if not key or name.startswith(f"{key}/")]
        if len(of_sweep) == 1:
            return of_sweep[0]
    return chosen(choice.path, key, names)


def _bits(choice: TraceChoice, data: Any, rate_hz: float, name: str) -> Trace:
    """One bit of WaveSurfer's digital inputs."""
    most = 8 * data.dtype.itemsize
    if data.dtype.kind not in "iu" or not 1 <= choice.column <= most:
        raise UsageError(f"{_what(choice, name)}: --column is a bit from 1 to {most}.")
    single = TraceChoice(choice.path, choice.key)
    read, samples = _column(single, data, data.shape, first_axis=1)
    bit = choice.column - 1
    return Trace(_what(choice, name), samples, rate_hz, lambda a, b: (read(a, b) >> bit) & 1)


def _dataset(file: h5py.File, name: str, choice: TraceChoice) -> h5py.Dataset:
    data = item_at(file, name)
    if not isinstance(data, h5py.Dataset) or data.dtype.kind not in "biuf":
        raise AlignmentError(f"{_what(choice, name)} holds no numbers.")
    if data.ndim not in (1, 2):
        raise AlignmentError(f"{_what(choice, name)}: expected 1 or 2 axes, found {data.ndim}.")
    check_stored(data)
    return data


def _column(
    choice: TraceChoice, data: Any, shape: tuple[int, ...], first_axis: int | None = None
) -> tuple[Callable[[int, int], np.ndarray], int]:
    """How to read one column, and how many samples it has; time is the longer axis."""
    columns = 1 if len(shape) == 1 else min(shape)
    along = int(np.argmax(shape)) if first_axis is None or len(shape) == 1 else first_axis
    if len(shape) == 2:
        columns = shape[1 - along]
    if not 1 <= choice.column <= columns:
        raise UsageError(
            f"{_what(choice)}: there is no column {choice.column}; the columns are 1 to {columns}."
        )
    if not math.prod(shape):
        raise AlignmentError(f"{_what(choice)} holds no samples.")
    place = choice.column - 1
    if len(shape) == 1:
        return (lambda a, b: data[a:b]), shape[0]
    if along == 0:
        return (lambda a, b: data[a:b, place]), shape[0]
    return (lambda a, b: data[place, a:b]), shape[1]


def _rate(choice: TraceChoice, stated_hz: float) -> float:
    rate = choice.rate_hz or stated_hz
    if not (math.isfinite(rate) and rate > 0):
        raise UsageError(
            f"{_what(choice)} does not say how fast it was sampled. Give --trace-rate-hz."
        )
    return rate


def _what(choice: TraceChoice, name: str = "") -> str:
    key = name or choice.key
    column = f", column {choice.column}" if choice.column != 1 else ""
    return f"{choice.path}{'=' * bool(key)}{key}{column}"

"""One array out of a file of any kind that people keep numbers in; nothing in it is run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np

from twophoton_decode.errors import MovieError, ResponseError, TpDecodeError, UsageError
from twophoton_decode.files.arrays.found import FoundArray, what_of
from twophoton_decode.files.arrays.hdf5_arrays import read_hdf5
from twophoton_decode.files.arrays.matlab.versions_4_to_7 import read_matlab
from twophoton_decode.files.arrays.names import SUFFIXES
from twophoton_decode.files.arrays.netcdf_arrays import read_netcdf
from twophoton_decode.files.arrays.numpy_files import read_npy, read_npz
from twophoton_decode.files.arrays.tables import read_table
from twophoton_decode.files.arrays.zarr_store import read_zarr

_TABLES = (".csv", ".tsv", ".txt")
_FEW_DIGITS = np.dtype(np.float16)


def read_array(
    path: Path, key: str = "", *, error: type[TpDecodeError] = ResponseError
) -> np.ndarray:
    """The numbers called `key` in `path`; without a key, of the only array in it.

    As `open_array`, without what the file says about its axes.
    """
    return open_array(path, key, error=error).values


def open_array(
    path: Path,
    key: str = "",
    *,
    error: type[TpDecodeError] = ResponseError,
    texts: bool = False,
) -> FoundArray:
    """The array called `key` in `path`, with the names of its axes and notes.

    Arrays that MATLAB wrote come in MATLAB's order, whatever the suffix. Numbers come in the
    byte order of the machine; long doubles as float64. With `texts`, an array of texts is
    taken too.

    Raises
    ------
    TpDecodeError
        `error`: the file is damaged, holds no numbers or more than fit into memory, or an
        HDF5 dataset lies in other files or was not written whole.
    UsageError
        There is no such file, suffix or key.
    """
    is_store = path.suffix.lower() == ".zarr"
    if not (path.is_dir() if is_store else path.is_file()):
        raise UsageError(f"{path}: there is no such file.")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path}: expected a file ending in {', '.join(SUFFIXES)}.")
    with _in_words(path, suffix, error):
        found = _read(path, key, suffix, texts)
    found = _checked(found, what_of(path, key), error, texts)
    label = what_of(Path(path.name), key)
    return replace(found, notes=tuple(f"{label}: {note}." for note in found.notes))


def _read(path: Path, key: str, suffix: str, texts: bool) -> FoundArray:
    """What the reader for the suffix finds; a library's warnings become notes."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        if suffix in _TABLES:
            found = read_table(path, key, texts=texts)
        elif suffix == ".mat" and h5py.is_hdf5(path):
            found = read_hdf5(path, key)
        else:
            found = _READERS[suffix](path, key)
    heard = dict.fromkeys(str(warning.message) for warning in said)
    return replace(found, notes=(*found.notes, *heard))


@contextmanager
def _in_words(path: Path, suffix: str, error: type[TpDecodeError]) -> Iterator[None]:
    """Whatever a library raises on a damaged file, said as one error of ours."""
    try:
        yield
    except (MovieError, ResponseError) as failure:
        raise error(str(failure)) from failure
    except TpDecodeError:
        raise
    except MemoryError as failure:
        raise error(f"{path} holds more than fits into memory.") from failure
    except PermissionError as failure:
        raise error(f"{path} cannot be read: {failure.strerror}.") from failure
    except NotImplementedError as failure:
        raise error(f"{path} cannot be read: it is of a kind that is not supported.") from failure
    except Exception as failure:
        # A library's own words suggest to trust pickles, or speak of its inner workings.
        raise error(
            f"{path} cannot be read as a {suffix} file of numbers: it is damaged, cut short, or "
            f"of another kind ({type(failure).__name__})."
        ) from failure


def _checked(found: FoundArray, what: str, error: type[TpDecodeError], texts: bool) -> FoundArray:
    """Real numbers of a common type."""
    values, notes = found.values, list(found.notes)
    kind = values.dtype.kind
    if kind == "c":
        raise error(
            f"{what}: expected real numbers, found complex ones ({values.dtype}). Save their real "
            "part or magnitude."
        )
    if kind not in ("biufUS" if texts else "biuf"):
        raise error(f"{what}: expected real numbers, found the type {values.dtype}.")
    if kind == "f" and values.dtype.itemsize > 8:
        with np.errstate(over="ignore"):
            values = values.astype(np.float64)
        notes.append("its long doubles were taken as float64, with 16 digits")
    if values.dtype == _FEW_DIGITS:
        notes.append("it holds 16-bit floats: three digits, and nothing above 65504")
    native = values.astype(values.dtype.newbyteorder("="), copy=False)
    return replace(found, values=native, notes=tuple(notes))


_READERS: dict[str, Callable[[Path, str], FoundArray]] = {
    ".npy": read_npy,
    ".npz": read_npz,
    ".mat": read_matlab,
    ".h5": read_hdf5,
    ".hdf5": read_hdf5,
    ".nwb": read_hdf5,
    ".nc": read_netcdf,
    ".cdf": read_netcdf,
    ".zarr": read_zarr,
}

"""One numeric array out of a file: .npy, .npz, .mat or .h5, never a pickled object."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import h5py
import numpy as np
import scipy.io
import scipy.io.matlab

from twophoton_decode.errors import MovieError, ResponseError, TpDecodeError, UsageError
from twophoton_decode.recording.hdf5_dataset import check_stored

_UNREADABLE = (
    OSError,
    ValueError,
    TypeError,
    EOFError,
    KeyError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    scipy.io.matlab.MatReadError,
)
SUFFIXES = (".npy", ".npz", ".mat", ".h5", ".hdf5")


def read_array(
    path: Path, key: str = "", *, error: type[TpDecodeError] = ResponseError
) -> np.ndarray:
    """The array called `key` in `path`; without a key, the only array in it.

    Arrays of MATLAB's v7.3 files, which are HDF5 with the axes reversed, come back in
    MATLAB's order. `error` is raised where the file cannot be read or holds no numbers, and
    where an HDF5 dataset lies in other files or was not written whole; `UsageError` where
    there is no such file, suffix or key.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file.")
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{path}: expected a file ending in {', '.join(SUFFIXES)}.")
    try:
        values = _READERS[suffix](path, key)
    except MovieError as failure:
        raise error(str(failure)) from failure
    except _UNREADABLE as failure:
        # NumPy's own message for a file of Python objects suggests to trust it.
        raise error(
            f"{path} cannot be read as a {suffix} file of numbers: it is damaged, cut short, of "
            f"another kind, or holds Python objects ({type(failure).__name__})."
        ) from failure
    if values.dtype.kind not in "biuf":
        what = f"{path}={key}" if key else str(path)
        raise error(f"{what}: expected real numbers, found the type {values.dtype}.")
    return values


def _read_npy(path: Path, key: str) -> np.ndarray:
    if key:
        raise UsageError(f"{path}: an .npy file holds one array, so ={key} cannot be chosen.")
    return np.asarray(np.load(path, allow_pickle=False))


def _read_npz(path: Path, key: str) -> np.ndarray:
    # Opened here, since np.load leaves a damaged archive open.
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        return np.asarray(file[_chosen(path, key, file.files)])


def _read_mat(path: Path, key: str) -> np.ndarray:
    if h5py.is_hdf5(path):
        return _read_hdf5(path, key).T
    arrays: Mapping[str, np.ndarray] = scipy.io.loadmat(path)
    names = [name for name in arrays if not name.startswith("__")]
    return np.asarray(arrays[_chosen(path, key, names)])


def _read_hdf5(path: Path, key: str) -> np.ndarray:
    with h5py.File(path, "r") as file:
        names: list[str] = []
        file.visititems(lambda name, item: _collect(names, name, item))
        dataset = file[_chosen(path, key.strip("/"), names)]
        check_stored(dataset)
        return np.asarray(dataset)


def _collect(names: list[str], name: str, item: h5py.Group | h5py.Dataset) -> None:
    # MATLAB keeps cells and structures under #refs#; they are not the user's names.
    if isinstance(item, h5py.Dataset) and not name.startswith("#"):
        names.append(name)


def _chosen(path: Path, key: str, names: list[str]) -> str:
    """`key`, or the only name; `UsageError` lists the names where the choice is open."""
    if key in names:
        return key
    listed = ", ".join(sorted(names)) or "nothing"
    if key:
        raise UsageError(f"{path} holds no array called {key!r}; it holds {listed}.")
    if len(names) != 1:
        raise UsageError(
            f"{path} holds {len(names)} arrays ({listed}); name one, such as {path.name}=KEY."
        )
    return names[0]


_READERS: dict[str, Callable[[Path, str], np.ndarray]] = {
    ".npy": _read_npy,
    ".npz": _read_npz,
    ".mat": _read_mat,
    ".h5": _read_hdf5,
    ".hdf5": _read_hdf5,
}

"""One dataset of an HDF5 file, found without leaving the file, and whether it is whole.

HDF5 lets a file point into other files: by external links, external storage and virtual
datasets. What a file says about other files is not followed.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.files.damage.global_heaps import check_global_heaps
from twophoton_decode.files.pixel_types import PIXEL_TYPES

_MOST_LINKS = 16
_CHECKSUM_BYTES = 4
_UNREADABLE = (OSError, RuntimeError, KeyError, ValueError, TypeError)


@contextmanager
def opened_hdf5(path: Path) -> Iterator[h5py.File]:
    """The file, open for reading.

    Raises
    ------
    MovieError
        It is no HDF5 file, is cut short, or damaged where something is read.
    """
    try:
        check_global_heaps(path)
        with h5py.File(path, "r") as file:
            yield file
    except _UNREADABLE as error:
        if not h5py.is_hdf5(path):
            raise MovieError(
                f"{path} is not an HDF5 file: expected one by its suffix {path.suffix}."
            ) from error
        raise MovieError(
            f"{path} cannot be read as HDF5: it is truncated or damaged ({error}). Copy it again "
            "from where it was written."
        ) from error


def item_at(file: h5py.File, name: str) -> h5py.Dataset | h5py.Group | None:
    """What `name` leads to inside `file`; None if nothing does.

    Raises
    ------
    MovieError
        It lies in another file.
    """
    return _item(file, name, _MOST_LINKS)


def _item(file: h5py.File, name: str, most_links: int) -> h5py.Dataset | h5py.Group | None:
    found: h5py.Dataset | h5py.Group = file
    for part in posixpath.normpath(f"/{name}").strip("/").split("/"):
        is_inside = isinstance(found, h5py.Group) and part
        link = found.get(part, getlink=True) if is_inside else None
        if isinstance(link, h5py.ExternalLink):
            raise _elsewhere(file, name)
        if isinstance(link, h5py.SoftLink) and most_links:
            following = _item(file, posixpath.join(found.name, link.path), most_links - 1)
        else:
            following = found[part] if isinstance(link, h5py.HardLink) else None
        if following is None:
            return None
        found = following
    return found


def check_dataset(dataset: h5py.Dataset) -> None:
    """That all pixels are there and of a type that is read.

    Raises
    ------
    MovieError
        Pixels are of another type; else as for `check_stored`.
    """
    if pixel_type(dataset) not in PIXEL_TYPES:
        raise MovieError(
            f"{dataset.file.filename}::{dataset.name} holds pixels of the type {dataset.dtype}. "
            f"Readable are {', '.join(PIXEL_TYPES)}: convert it first, for instance to float32."
        )
    check_stored(dataset)


def check_stored(dataset: h5py.Dataset) -> None:
    """That all that a dataset announces is there, in its own file.

    Raises
    ------
    MovieError
        Data lie in another file, were never written, or need a filter that is not installed.
    """
    if dataset.is_virtual or dataset.external:
        raise _elsewhere(dataset.file, dataset.name)
    _check_filters(dataset)
    _check_written(dataset)


def pixel_type(dataset: h5py.Dataset) -> str:
    """Its type without byte order."""
    return str(np.dtype(dataset.dtype).name)


def _check_filters(dataset: h5py.Dataset) -> None:
    properties = dataset.id.get_create_plist()
    for number in range(properties.get_nfilters()):
        code, _, _, name = properties.get_filter(number)
        if not h5py.h5z.filter_avail(code):
            raise MovieError(
                f"{dataset.file.filename}::{dataset.name} is compressed by the HDF5 filter {code} "
                f"({name.decode(errors='replace')}), which is not installed. Save it again with "
                "gzip or without compression."
            )


def _check_written(dataset: h5py.Dataset) -> None:
    """HDF5 fills what was never written with zeros, silently."""
    if dataset.chunks:
        each = zip(dataset.shape, dataset.chunks, strict=True)
        expected = math.prod(math.ceil(size / chunk) for size, chunk in each)
        written, what = _count_chunks(dataset), "chunks"
    else:
        expected, written, what = dataset.nbytes, dataset.id.get_storage_size(), "bytes"
    if written < expected:
        raise MovieError(
            f"{dataset.file.filename}::{dataset.name} is truncated: {written} of {expected} {what} "
            "were written, the rest would be read as zeros. Save what there is as a dataset of its "
            "own."
        )


def _count_chunks(dataset: h5py.Dataset) -> int:
    """How many different chunks there are.

    A chunk that is shorter than the checksum in it makes HDF5 read before its beginning, which
    ends the program; one that is listed twice stands for another, which would be read as zeros.
    """
    properties = dataset.id.get_create_plist()
    filters = [properties.get_filter(n)[0] for n in range(properties.get_nfilters())]
    least = _CHECKSUM_BYTES + 1 if h5py.h5z.FILTER_FLETCHER32 in filters else 1
    listed: list[tuple[int, ...]] = []
    dataset.id.chunk_iter(lambda found: listed.append((*found.chunk_offset, found.size)))
    table = np.array(listed, dtype=np.uint64).reshape(-1, dataset.ndim + 1)
    begin, size = table[:, :-1], table[:, -1]
    bad = (size < least) | (begin >= np.array(dataset.shape)).any(axis=1)
    if bad.any():
        at = tuple(begin[bad][0].tolist())
        raise ValueError(f"the chunk at {at} takes {size[bad][0]} bytes")
    return len(np.unique(begin, axis=0))


def dataset_error(file: h5py.File, name: str, listed: list[str]) -> UsageError:
    """That there is no such dataset, and which there are."""
    found = ", ".join(listed) or "none that could be a movie"
    return UsageError(f"{file.filename} holds no dataset {name!r}; it holds {found}.")


def _elsewhere(file: h5py.File, name: str) -> MovieError:
    return MovieError(
        f"{file.filename}::{name} lies in another file, which is not followed: name the file that "
        "holds the data themselves."
    )

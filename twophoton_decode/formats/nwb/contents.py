"""What lies in an NWB file: its groups by type. Nothing is read from other files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from twophoton_decode.errors import ExtractionError, MovieError, UsageError
from twophoton_decode.files.hdf5_dataset import check_stored, item_at, opened_hdf5
from twophoton_decode.words import decoded

_IMAGES = {"Image", "GrayscaleImage", "RGBImage", "RGBAImage"}
OWN_MODULE = "processing/tpdecode"
"""Where an export keeps what only this program reads again."""


@dataclass(frozen=True)
class Contents:
    """The groups of an open NWB file.

    Attributes
    ----------
    file : h5py.File
    types : dict
        From the path of each group to the names of its type and of those it is made from.
    images : tuple of str
        Paths of single images, by their type, or by their place in NWB 1.
    elsewhere : tuple of str
        Paths that lead to other files, which are not followed.
    """

    file: h5py.File
    types: dict[str, frozenset[str]]
    images: tuple[str, ...]
    elsewhere: tuple[str, ...]

    def of_type(self, kind: str, under: str = "") -> list[str]:
        """Paths of all groups of a type, in their order in the file."""
        return [
            path for path, kinds in self.types.items() if kind in kinds and path.startswith(under)
        ]

    def has(self, path: str) -> bool:
        """Whether something lies at `path`, in this file."""
        return item_at(self.file, path) is not None

    def data(self, path: str) -> h5py.Dataset | None:
        """The dataset at `path`, whole and in this file; None where there is none."""
        found = item_at(self.file, path)
        if not isinstance(found, h5py.Dataset):
            return None
        check_stored(found)
        return found

    def text(self, path: str) -> str:
        """A single text; empty where there is none."""
        found = self.data(path)
        return "" if found is None or found.size != 1 else decoded(np.ravel(found[()])[0])

    def texts(self, path: str) -> list[str] | None:
        """A list of texts, or of numbers as texts; None where there is none."""
        found = self.data(path)
        if found is None or found.ndim != 1:
            return None
        return [_as_text(value) for value in found[()]]


@contextmanager
def opened_nwb(path: Path) -> Iterator[Contents]:
    """The contents of an NWB file, open for reading.

    Raises
    ------
    UsageError
        There is no such file.
    ExtractionError
        It is no NWB file, is damaged, or what is asked for lies in another file.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file.")
    try:
        with opened_hdf5(path) as file:
            if "nwb_version" not in file.attrs and item_at(file, "nwb_version") is None:
                raise ExtractionError(
                    f"{path} is HDF5, but not NWB: it has no nwb_version. Import arrays of such a "
                    "file with `tpdecode import arrays`."
                )
            yield _contents(file)
    except MovieError as error:
        raise ExtractionError(str(error)) from error


def _contents(file: h5py.File) -> Contents:
    types: dict[str, frozenset[str]] = {}
    images: list[str] = []
    elsewhere: list[str] = []

    def look(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Group):
            types[name] = _types_of(item)
            elsewhere.extend(
                f"{name}/{each}"
                for each in item
                if isinstance(item.get(each, getlink=True), h5py.ExternalLink)
            )
        elif item.external or item.is_virtual:
            elsewhere.append(name)
        elif _is_image(name, item):
            images.append(name)

    file.visititems(look)
    return Contents(file, types, tuple(images), tuple(elsewhere))


def _is_image(name: str, item: h5py.Dataset) -> bool:
    kind = decoded(item.attrs.get("neurodata_type", ""))
    of_nwb1 = "/reference_images/" in name and name.endswith("/data") and item.ndim == 2
    return kind in _IMAGES or of_nwb1


def _types_of(group: h5py.Group) -> frozenset[str]:
    """NWB 2 names a type, NWB 1 all that it is made from."""
    names = [decoded(group.attrs.get("neurodata_type", ""))]
    names += [decoded(each) for each in np.ravel(group.attrs.get("ancestry", []))]
    return frozenset(filter(None, names))


def _as_text(value: object) -> str:
    if isinstance(value, bytes | str):
        return decoded(value)
    if isinstance(value, np.floating | float):
        return f"{value:.15g}"
    return str(value)

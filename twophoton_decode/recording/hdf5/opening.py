"""A movie in HDF5 datasets: their axes by names, else as suite2p takes them.

What is an NWB file, whatever its suffix, is read as its standard says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.files.hdf5_dataset import (
    check_dataset,
    dataset_error,
    item_at,
    opened_hdf5,
    pixel_type,
)
from twophoton_decode.recording.acquisition import Acquisition
from twophoton_decode.recording.file import (
    MovieFile,
    check_agree,
    check_frames_agree,
    recording_of,
    stored_in_order,
    volume_in_words,
)
from twophoton_decode.recording.hdf5.nwb import is_nwb, read_series
from twophoton_decode.recording.levels.hdf5 import hdf5_calibration
from twophoton_decode.recording.series.paths import MoviePath, check_given_once
from twophoton_decode.recording.times.series import SeriesTimes, times_of_series
from twophoton_decode.records import Recording
from twophoton_decode.words import decoded

_SUITE2P_NAME = "data"
_FEWEST_PIXELS = 8
_BY_NUMBER = {3: "tyx", 4: "tzyx"}
_NAMES = {
    "t": "t time frame frames",
    "z": "z plane planes depth slice slices",
    "c": "c channel channels",
    "y": "y row rows height line lines",
    "x": "x column columns col cols width",
}
_AXIS = {word: axis for axis, words in _NAMES.items() for word in words.split()}


@dataclass(frozen=True, kw_only=True)
class Hdf5File(MovieFile):
    """One dataset of one file.

    `axes` are its axes from the slowest on, letters of t, z, c, y and x; `by` is who says so.
    """

    dataset: str
    axes: str
    shape: tuple[int, ...]
    by: str
    times: SeriesTimes | None = None

    @classmethod
    def of(cls, path: Path, dataset: h5py.Dataset, axes: str, **others: Any) -> Hdf5File:
        """The file whose images are `dataset`, on these axes."""
        size = dict(zip(axes, dataset.shape, strict=True))
        return cls(
            file=path,
            dataset=str(dataset.name),
            axes=axes,
            shape=dataset.shape,
            pages=math.prod(size.get(axis, 1) for axis in "tzc"),
            height=size["y"],
            width=size["x"],
            dtype=pixel_type(dataset),
            **others,
        )

    def size(self, axis: str) -> int:
        """The length of an axis, 1 where there is none of that name."""
        return self.shape[self.axes.index(axis)] if axis in self.axes else 1


def open_hdf5(paths: Sequence[MoviePath]) -> Recording:
    """The recording in HDF5 or NWB files, given in their order.

    Raises
    ------
    MovieError
        A file is not HDF5, is cut short, holds several movies of which none is named, or one
        whose axes, pixel type or storage cannot be read without guessing; files differ.
    UsageError
        There is no dataset of the name given, or one dataset is given twice.
    """
    files = [_understand(path) for path in paths]
    # Only now is it known which dataset is meant where none was named.
    check_given_once([MoviePath(file.file, file.dataset) for file in files])
    check_frames_agree(files)
    first = files[0]
    check_agree(files, _layout)
    timed = times_of_series([file.times for file in files if file.times])
    frames = sum(file.size("t") for file in files)
    named = {"planes": first.by, "channels": first.by} if len(first.axes) > 3 else {}
    found = Acquisition(
        page=stored_in_order(frames, *_per_frame(first)),
        rate_hz=timed.rate_hz,
        times=timed.frames,
        source=named | {"frame_rate_hz": timed.rate_by},
        warnings=(
            *dict.fromkeys(warning for file in files for warning in file.warnings),
            *timed.warnings,
        ),
    )
    return recording_of(
        files,
        found,
        datasets=[file.dataset for file in files],
        axes=first.axes,
    )


def _per_frame(file: Hdf5File) -> tuple[int, int]:
    return file.size("z"), file.size("c")


def _layout(file: Hdf5File) -> str:
    return f"{volume_in_words(*_per_frame(file))} in the order {file.axes} of {file.kind}"


def _understand(path: MoviePath) -> Hdf5File:
    with opened_hdf5(path.file) as file:
        if is_nwb(file):
            return _from_nwb(path, file)
        if path.file.suffix.lower() == ".nwb":
            raise MovieError(
                f"{path.file} is HDF5, but not NWB: it has no nwb_version. Rename it to .h5 if it "
                "is a plain HDF5 movie."
            )
        dataset = _chosen(path, file)
        check_dataset(dataset)
        axes, by = _axes_of(dataset)
        return Hdf5File.of(
            path.file,
            dataset,
            axes,
            kind="hdf5",
            by=by or "its four axes",
            calibration=hdf5_calibration(dataset),
            warnings=() if by or dataset.ndim == 3 else (_unnamed(dataset),),
        )


def _from_nwb(path: MoviePath, file: h5py.File) -> Hdf5File:
    series = read_series(file, path.dataset)
    return Hdf5File.of(
        path.file,
        series.data,
        series.axes,
        kind="nwb",
        by="NWB",
        calibration=hdf5_calibration(series.data, nwb=True),
        times=series.times,
        warnings=series.warnings,
    )


def _chosen(path: MoviePath, file: h5py.File) -> h5py.Dataset:
    """The dataset named; else ``data``, as suite2p calls it; else the only one like a movie."""
    movies: dict[str, h5py.Dataset] = {}
    file.visititems(lambda name, item: _collect(movies, name, item))
    listed = [f"/{name} {dataset.shape}" for name, dataset in sorted(movies.items())]
    if path.dataset:
        found = item_at(file, path.dataset)
        if not isinstance(found, h5py.Dataset):
            raise dataset_error(file, path.dataset, listed)
        return found
    if _SUITE2P_NAME in movies:
        return movies[_SUITE2P_NAME]
    if not movies:
        raise MovieError(
            f"{path.file} holds no dataset that could be a movie. Expected numbers on three axes, "
            f"(frames, y, x), at least {_FEWEST_PIXELS} px each way: name one, such as "
            f"{path.file.name}::/NAME."
        )
    if len(movies) > 1:
        raise UsageError(
            f"{path.file} holds {len(movies)} datasets that could be movies ({', '.join(listed)}); "
            f"name one, such as {path.file.name}::/{min(movies)}."
        )
    return next(iter(movies.values()))


def _collect(movies: dict[str, h5py.Dataset], name: str, item: h5py.Group | h5py.Dataset) -> None:
    if not isinstance(item, h5py.Dataset) or item.dtype.kind not in "iuf":
        return
    named = any(dimension.label for dimension in item.dims) or "axes" in item.attrs
    sides = sorted(item.shape)[-2:] if named else item.shape[-2:]
    if item.ndim in (3, 4, 5) and min(sides) >= _FEWEST_PIXELS and math.prod(item.shape[:-2]) > 1:
        movies[name] = item


def _axes_of(dataset: h5py.Dataset) -> tuple[str, str]:
    """Its axes as letters, and who says so; empty where no names do."""
    words = [dimension.label for dimension in dataset.dims]
    by = "names of the HDF5 dimensions"
    if not any(words):
        words, by = _axes_attribute(dataset), "the attribute axes"
    what = f"{dataset.file.filename}::{dataset.name}"
    if not words:
        if dataset.ndim not in _BY_NUMBER:
            raise MovieError(
                f"{what} has the shape {dataset.shape}. Expected (frames, y, x) or (frames, "
                "planes, y, x), or dimensions with names."
            )
        return _BY_NUMBER[dataset.ndim], ""
    axes = "".join(_AXIS.get(str(word).strip().lower(), "?") for word in words)
    known = "?" not in axes and len(set(axes)) == len(axes) == dataset.ndim
    if not known or not set("tyx") <= set(axes):
        raise MovieError(
            f"{what} has axes called {', '.join(map(str, words))}. Expected t, y, x, with z and c "
            "where there are planes and channels."
        )
    return axes, by


def _axes_attribute(dataset: h5py.Dataset) -> list[str]:
    """``"TZYX"`` or a list of names, where someone wrote it beside the dataset."""
    value = dataset.attrs.get("axes", "")
    if isinstance(value, str | bytes):
        words = decoded(value).replace(",", " ").split()
        return words if len(words) != 1 else list(words[0])
    return [decoded(word) for word in np.ravel(value)]


def _unnamed(dataset: h5py.Dataset) -> str:
    sizes = " x ".join(map(str, dataset.shape))
    return (
        f"the axes of {dataset.name} ({sizes}) have no names: they are taken as frames, planes, y, "
        "x, as suite2p does"
    )

"""The movie of an NWB file: a TwoPhotonSeries among its acquisitions.

The standard orders its data as (time, width, height[, depth]): x comes before y, unlike in
an image. Writers that do not follow it give frames mirrored at the diagonal, which changes
no trace.
"""

from __future__ import annotations

from dataclasses import dataclass

import h5py
import numpy as np

from twophoton_decode.errors import MovieError, UsageError
from twophoton_decode.files.hdf5_dataset import check_dataset, item_at
from twophoton_decode.recording.times.series import SeriesTimes, read_times
from twophoton_decode.words import decoded

_SERIES = "TwoPhotonSeries"
_AXES = {3: "txy", 4: "txyz"}
_FILES_SHOWN = 3


@dataclass(frozen=True)
class Series:
    """The images of a series, the order of their axes, and when they were taken."""

    data: h5py.Dataset
    axes: str
    times: SeriesTimes
    warnings: tuple[str, ...]


def is_nwb(file: h5py.File) -> bool:
    """Whether the file calls itself NWB."""
    return "nwb_version" in file.attrs


def read_series(file: h5py.File, name: str) -> Series:
    """The TwoPhotonSeries `name`, or the only one there is.

    Raises
    ------
    UsageError
        There are several and none is named, or none of that name.
    MovieError
        There is none; its images lie in other files; they are not (time, width, height) or
        (time, width, height, depth).
    """
    group = _group(file, name)
    data = item_at(file, f"{group.name}/data")
    elsewhere = item_at(file, f"{group.name}/external_file")
    if not isinstance(data, h5py.Dataset) or elsewhere is not None or not data.size:
        raise _without_images(group, elsewhere)
    if data.ndim not in _AXES:
        raise MovieError(
            f"{file.filename}::{data.name} has the shape {data.shape}. NWB orders a movie as "
            "(time, width, height) or (time, width, height, depth)."
        )
    check_dataset(data)
    turned = _turned(group, data)
    times = read_times(group, frames=data.shape[0])
    return Series(data, _AXES[data.ndim], times, (turned,) if turned else ())


def _group(file: h5py.File, name: str) -> h5py.Group:
    acquired = item_at(file, "acquisition")
    names = list(acquired) if isinstance(acquired, h5py.Group) else []
    found = {each: item_at(file, f"acquisition/{each}") for each in names}
    series = {each: item for each, item in found.items() if _is_series(item)}
    listed = ", ".join(series) or "none"
    if name:
        bare = name.strip("/").removeprefix("acquisition/").removesuffix("/data")
        if bare not in series:
            raise UsageError(
                f"{file.filename} has no {_SERIES} {name!r} in acquisition; it has {listed}."
            )
        return series[bare]
    if not series:
        raise MovieError(
            f"{file.filename} has no {_SERIES} in acquisition, so no movie. Import processed data "
            "with `tpdecode import`."
        )
    if len(series) > 1:
        raise UsageError(
            f"{file.filename} has {len(series)} {_SERIES} ({listed}); name one, such as "
            f"{file.filename}::{min(series)}."
        )
    return next(iter(series.values()))


def _is_series(item: h5py.Group | h5py.Dataset | None) -> bool:
    return isinstance(item, h5py.Group) and decoded(item.attrs.get("neurodata_type")) == _SERIES


def _without_images(group: h5py.Group, elsewhere: h5py.Dataset | h5py.Group | None) -> MovieError:
    if not isinstance(elsewhere, h5py.Dataset):
        return MovieError(f"{group.file.filename}::{group.name} has no images: its data is empty.")
    names = [decoded(name) for name in np.ravel(elsewhere[()])]
    shown = ", ".join(names[:_FILES_SHOWN]) + (" …" if len(names) > _FILES_SHOWN else "")
    return MovieError(
        f"{group.file.filename}::{group.name} keeps its images in other files ({shown}), which are "
        "not followed: give those files instead."
    )


def _turned(group: h5py.Group, data: h5py.Dataset) -> str:
    """Whether the series' own `dimension`, (x, y), contradicts its data."""
    stated = item_at(group.file, f"{group.name}/dimension")
    if not isinstance(stated, h5py.Dataset):
        return ""
    wanted, found = [int(size) for size in np.ravel(stated[()])], list(data.shape[1:])
    if not wanted or wanted == found:
        return ""
    return (
        f"the field dimension says {wanted}, but data is {found} per frame: rows and columns may "
        "be exchanged"
    )

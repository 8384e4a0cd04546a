"""Responses of ROIs in an NWB file: which series there are, their times, their rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from twophoton_decode.errors import ExtractionError, UsageError
from twophoton_decode.files.hdf5_dataset import check_stored, item_at, opened_hdf5
from twophoton_decode.formats.nwb.contents import OWN_MODULE, Contents
from twophoton_decode.recording.times.series import SeriesTimes, read_times
from twophoton_decode.words import counted

TYPE = "RoiResponseSeries"
_DFF, _NEUROPIL, _DECONVOLVED = ("dff", "dfoverf", "deltaf"), ("neuropil",), (
    "deconv", "event", "spike", "spks",
)  # fmt: skip


@dataclass(frozen=True)
class Series:
    """One RoiResponseSeries.

    Attributes
    ----------
    path : str
        Where it lies in the file.
    rois, frames : int
    by_roi : bool
        Whether ROIs are the first axis of its data, as in NWB 1.
    kind : str
        ``fluorescence``, ``dff``, ``neuropil`` or ``deconvolved``, by its names.
    times : SeriesTimes
    """

    path: str
    rois: int
    frames: int
    by_roi: bool
    kind: str
    times: SeriesTimes

    @property
    def label(self) -> str:
        """What the user calls it: its container and its name."""
        return "/".join(self.path.split("/")[-2:])

    @property
    def words(self) -> str:
        """``Fluorescence/plane0 (fluorescence, 12 ROIs x 900 frames)``."""
        size = f"{counted(self.rois, 'ROI')} x {counted(self.frames, 'frame')}"
        return f"{self.label} ({self.kind}, {size})"


def all_series(contents: Contents) -> list[Series]:
    """Every RoiResponseSeries of processed data, but those of an export's own module.

    NWB 1 has some without that type; there, what lies in Fluorescence and DfOverF counts.
    """
    paths = [
        path
        for path in contents.types
        if path.startswith(("processing/", "acquisition/"))
        and not path.startswith(f"{OWN_MODULE}/")
        and _is_series(contents, path)
    ]
    return [found for path in paths if (found := _series(contents, path)) is not None]


def _is_series(contents: Contents, path: str) -> bool:
    kinds = contents.types[path]
    container = contents.types.get(path.rpartition("/")[0], frozenset())
    in_interface = {"Fluorescence", "DfOverF"} & (container | {path.split("/")[-2]})
    return TYPE in kinds or ("TimeSeries" in kinds and bool(in_interface))


def _series(contents: Contents, path: str) -> Series | None:
    data = item_at(contents.file, f"{path}/data")
    if not isinstance(data, h5py.Dataset) or data.ndim not in (1, 2) or not data.size:
        return None
    rois = _rois(contents, path)
    shape = data.shape if data.ndim == 2 else (*data.shape, 1)
    stamps = item_at(contents.file, f"{path}/timestamps")
    frames = stamps.size if isinstance(stamps, h5py.Dataset) else None
    if rois is None and frames is not None:
        by_roi = shape[1] == frames != shape[0]
    else:
        by_roi = shape[1] != rois and shape[0] == rois
    count, length = (shape[0], shape[1]) if by_roi else (shape[1], shape[0])
    group = contents.file[path]
    return Series(path, count, length, by_roi, _kind(path), read_times(group, length))


def _rois(contents: Contents, path: str) -> int | None:
    for name in ("rois", "roi_names"):
        found = item_at(contents.file, f"{path}/{name}")
        if isinstance(found, h5py.Dataset):
            return int(found.size or 0)
    return None


def _kind(path: str) -> str:
    name = "/".join(path.split("/")[-2:]).lower().replace("_", "")
    for kind, words in (("deconvolved", _DECONVOLVED), ("neuropil", _NEUROPIL), ("dff", _DFF)):
        if any(word in name for word in words):
            return kind
    return "fluorescence"


def choose(series: Sequence[Series], names: Sequence[str], option: str) -> list[Series]:
    """The series that are named, in that order; a name may be the end of a path.

    Raises
    ------
    UsageError
        There is none of a name, or more than one.
    """
    chosen = []
    for name in names:
        bare = name.strip("/")
        found = [s for s in series if s.path == bare or f"/{s.path}".endswith(f"/{bare}")]
        if len(found) != 1:
            listed = ", ".join(each.words for each in series) or "none"
            why = f"there are {len(found)} of that name" if found else "there is none"
            raise UsageError(f"{option} {name}: {why}. The file has {listed}.")
        chosen += found
    return chosen


def choose_traces(series: Sequence[Series], names: Sequence[str], path: Path) -> list[Series]:
    """The series that traces are taken from: those named, or the only one of fluorescence or
    ΔF/F. One for each plane.

    Raises
    ------
    UsageError
        None is named, and there are several.
    ExtractionError
        There is none.
    """
    if names:
        return choose(series, names, "--series")
    possible = [each for each in series if each.kind in ("fluorescence", "dff")]
    if not possible:
        listed = ", ".join(each.words for each in series) or "no RoiResponseSeries"
        raise ExtractionError(
            f"{path} has no fluorescence or ΔF/F of ROIs; it has {listed}. If one of them is it "
            "after all, name it with --series. A movie in the file is read by `tpdecode init`."
        )
    if _are_planes(possible):
        return sorted(possible, key=lambda each: int(each.path.rsplit("plane", 1)[1]))
    if len(possible) > 1:
        listed = ", ".join(each.words for each in possible)
        raise UsageError(
            f"{path} has {len(possible)} series of ROIs: {listed}. Name one with --series, such as "
            f"--series {possible[0].label}; or one for each plane, repeating --series."
        )
    return possible


def _are_planes(series: Sequence[Series]) -> bool:
    """Whether series are called plane0, plane1, … in one container, as suite2p writes them."""
    named = [re.fullmatch(r"(.*)/plane\d+", each.path) for each in series]
    return len({each and each[1] for each in named}) == 1 and all(named)


def partners(traces: Sequence[Series], series: Sequence[Series], kind: str) -> list[Series]:
    """Series of neuropil or deconvolved signals beside `traces`, as suite2p lays them out: of
    the same name, in a container that is called by its kind. Empty unless every plane has one.
    """
    wanted = {"neuropil": "Neuropil", "deconvolved": "Deconvolved"}[kind]
    found = []
    for each in traces:
        module = each.path.rsplit("/", 2)[0]
        own = f"{module}/{wanted}/{each.path.split('/')[-1]}"
        found += [other for other in series if other.path == own and _same_size(other, each)]
    return found if len(found) == len(traces) else []


def _same_size(one: Series, other: Series) -> bool:
    return (one.rois, one.frames) == (other.rois, other.frames)


def check_sizes(traces: Sequence[Series], others: Sequence[Series], option: str) -> None:
    """`ExtractionError` unless `others` are none, or one of equal size for each of `traces`."""
    if others and len(others) != len(traces):
        raise ExtractionError(
            f"{option} names {len(others)} series, but traces are of {len(traces)}: name one for "
            "each, in the same order."
        )
    for one, other in zip(traces, others, strict=False):
        if not _same_size(one, other):
            raise ExtractionError(
                f"{other.words} does not belong to {one.words}: both must have the same ROIs and "
                "frames."
            )


@dataclass(frozen=True, eq=False)
class SeriesRows:
    """The signal of a series, (rois, frames), read where it is indexed; ROI first."""

    file: Path
    series: Series
    frames: int
    dtype: np.dtype = np.dtype(np.float32)

    @property
    def shape(self) -> tuple[int, int]:
        """(ROIs, frames)."""
        return self.series.rois, self.frames

    def __len__(self) -> int:
        return self.series.rois

    def __getitem__(self, index: Any) -> np.ndarray:
        rows, *rest = index if isinstance(index, tuple) else (index,)
        wanted = np.arange(len(self))[rows]
        if wanted.ndim == 0:
            return self[(wanted[np.newaxis], *rest)][0]
        if not wanted.size:
            return np.zeros((0, self.frames), self.dtype)[(slice(None), *rest)]
        first, last = int(wanted.min()), int(wanted.max()) + 1
        values = self._read(first, last)[wanted - first]
        return values[(slice(None), *rest)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype)

    def _read(self, first: int, last: int) -> np.ndarray:
        with opened_hdf5(self.file) as file:
            data = item_at(file, f"{self.series.path}/data")
            if not isinstance(data, h5py.Dataset):
                raise ExtractionError(f"{self.file}: {self.series.label} has no data any more.")
            check_stored(data)
            if data.dtype.kind not in "iuf":
                raise ExtractionError(
                    f"{self.file}: {self.series.label} holds {data.dtype}, not numbers."
                )
            if data.ndim == 1:
                found = data[: self.frames][None]
            elif self.series.by_roi:
                found = data[first:last, : self.frames]
            else:
                found = data[: self.frames, first:last].T
            factor = _number(data.attrs.get("conversion", 1.0), 1.0)
            offset = _number(data.attrs.get("offset", 0.0), 0.0)
        if (factor, offset) == (1.0, 0.0):
            return np.asarray(found, dtype=np.float32)
        return (found * factor + offset).astype(np.float32)


def _number(value: object, default: float) -> float:
    found = np.ravel(np.asarray(value))
    return float(found[0]) if found.size == 1 and found.dtype.kind in "iuf" else default

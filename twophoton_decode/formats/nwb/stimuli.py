"""What was shown when, by an NWB file: tables of intervals, index series, image series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np

from twophoton_decode.errors import ExtractionError, UsageError
from twophoton_decode.files.hdf5_dataset import item_at
from twophoton_decode.formats.nwb.contents import OWN_MODULE, Contents
from twophoton_decode.recording.times.series import read_times

TABLE, INDICES, FRAMES = "TimeIntervals", "IndexSeries", "ImageSeries"
_NOT_SHOWN = ("invalid_times", "epochs")
_PICTURE = ("image", "image_name", "image_index", "image_id", "picture", "picture_name",
            "stimulus_image", "stimulus_index", "stim_index", "frame", "scene", "scene_index",
            "template_index", "stimulus_name")  # fmt: skip
_TIMES = ("start_time", "stop_time")


@dataclass(frozen=True)
class Stimuli:
    """One table or series of what was shown.

    Attributes
    ----------
    path, kind : str
    rows : int
        How many presentations.
    column : str
        Of a table, the column that names the picture.
    """

    path: str
    kind: str
    rows: int
    column: str = ""

    @property
    def words(self) -> str:
        """``natural_scenes_stimulus (IndexSeries, 5950 presentations)``."""
        by = f", pictures by {self.column}" if self.column else ""
        return f"{self.path.rsplit('/', 1)[-1]} ({self.kind}, {self.rows} presentations{by})"


@dataclass(frozen=True, eq=False)
class Shown:
    """Presentations in the order of the file, in seconds of its clock.

    Attributes
    ----------
    index : ndarray of int, (presentation,), or None
        Place of the picture among the templates; -1 for none.
    name : list of str or None
        What a table calls the picture, where it is no place.
    onset_s, duration_s : ndarray, (presentation,)
        Durations are NaN where they are not known.
    columns : dict
        Other columns of a table, as texts.
    templates : str
        Where the pictures lie, as far as a series says so.
    """

    index: np.ndarray | None
    name: list[str] | None
    onset_s: np.ndarray
    duration_s: np.ndarray
    columns: dict[str, list[str]] = field(default_factory=dict)
    templates: str = ""


def all_stimuli(contents: Contents, column: str = "") -> list[Stimuli]:
    """Everything that says which picture was shown when; `column` is the one the user names."""
    found = []
    for path, kinds in contents.types.items():
        name = path.rsplit("/", 1)[-1]
        if path.startswith((OWN_MODULE, "stimulus/templates")) or name in _NOT_SHOWN:
            continue
        if TABLE in kinds:
            found += _table(contents, path, column)
        elif path.startswith("stimulus/presentation/") and {INDICES, FRAMES} & kinds:
            data = item_at(contents.file, f"{path}/data")
            if isinstance(data, h5py.Dataset) and data.size:
                found.append(Stimuli(path, INDICES if INDICES in kinds else FRAMES, len(data)))
    return found


def _table(contents: Contents, path: str, column: str) -> list[Stimuli]:
    starts = item_at(contents.file, f"{path}/start_time")
    if not isinstance(starts, h5py.Dataset) or not starts.size:
        return []
    group = contents.file[path]
    lower = {name.lower(): name for name in group}
    named = [column] if column else [lower[name] for name in _PICTURE if name in lower]
    usable = [name for name in named if contents.texts(f"{path}/{name}") is not None]
    return [Stimuli(path, TABLE, int(starts.size), usable[0])] if usable else []


def choose_stimuli(found: Sequence[Stimuli], name: str, path: Path) -> Stimuli | None:
    """What is named, or the only one; None where there is none.

    Raises
    ------
    UsageError
        There are several, or none of that name.
    """
    listed = ", ".join(each.words for each in found) or "none that names pictures"
    if name:
        bare = name.strip("/")
        chosen = [each for each in found if f"/{each.path}".endswith(f"/{bare}")]
        if len(chosen) != 1:
            raise UsageError(
                f"--stimuli {name}: {len(chosen)} of that name. {path} has {listed}. The column of "
                "a table that names pictures is given by --picture-column."
            )
        return chosen[0]
    if len(found) > 1:
        raise UsageError(
            f"{path} has {len(found)} tables or series of stimuli: {listed}. Name one with "
            "--stimuli; --stimuli none leaves all of them out."
        )
    return found[0] if found else None


def read_shown(contents: Contents, stimuli: Stimuli) -> Shown:
    """The presentations of a table or series.

    Raises
    ------
    ExtractionError
        Times are missing, or columns differ in length.
    """
    if stimuli.kind == TABLE:
        return _of_table(contents, stimuli)
    onset = _onsets(contents, stimuli)
    unknown = np.full(onset.size, np.nan)
    if stimuli.kind == FRAMES:
        return Shown(np.arange(onset.size), None, onset, unknown, templates=stimuli.path)
    data = contents.data(f"{stimuli.path}/data")
    assert data is not None
    index = _places(np.asarray(data[()]).ravel(), stimuli)
    return Shown(index, None, onset, unknown, templates=_indexed(contents, stimuli.path))


def _onsets(contents: Contents, stimuli: Stimuli) -> np.ndarray:
    times = read_times(contents.file[stimuli.path], stimuli.rows)
    if times.stamps is not None:
        return times.stamps
    if times.rate_hz and np.isfinite(times.start_s):
        return times.start_s + np.arange(stimuli.rows) / times.rate_hz
    raise ExtractionError(
        f"{stimuli.words} has neither a timestamp for each presentation nor a rate."
    )


def _places(values: np.ndarray, stimuli: Stimuli) -> np.ndarray:
    """Places among templates, -1 where none was shown: below 0, NaN, or -1 taken as unsigned."""
    if values.dtype.kind == "u":
        none = values == np.iinfo(values.dtype).max
        return np.where(none, -1, values.astype(np.int64))
    if values.dtype.kind not in "if":
        raise ExtractionError(f"{stimuli.words} holds {values.dtype}, not places of pictures.")
    none = ~(np.nan_to_num(values, nan=-1.0) >= 0)
    whole = np.where(none, -1, values)
    if (whole != np.round(whole)).any() or np.abs(whole).max(initial=0) > 10**9:
        raise ExtractionError(f"{stimuli.words} holds {whole.max():g}, not places of pictures.")
    return whole.astype(np.int64)


def _indexed(contents: Contents, path: str) -> str:
    """Where the pictures of an index series lie, in this file."""
    for name in ("indexed_images", "indexed_timeseries"):
        found = item_at(contents.file, f"{path}/{name}")
        if isinstance(found, h5py.Group):
            return str(found.name).strip("/")
    return ""


def _of_table(contents: Contents, stimuli: Stimuli) -> Shown:
    begin, end = (contents.data(f"{stimuli.path}/{name}") for name in _TIMES)
    assert begin is not None
    onset = np.asarray(begin[()], dtype=float)
    duration = np.full(onset.size, np.nan) if end is None else np.asarray(end[()], float) - onset
    picture = contents.data(f"{stimuli.path}/{stimuli.column}")
    names = contents.texts(f"{stimuli.path}/{stimuli.column}") or []
    if len(names) != onset.size or duration.size != onset.size:
        raise ExtractionError(
            f"{stimuli.path}: {stimuli.column} has {len(names)} rows, start_time {onset.size}."
        )
    columns = {}
    for each in contents.file[stimuli.path]:
        texts = None if each in (*_TIMES, "id", stimuli.column) else contents.texts(
            f"{stimuli.path}/{each}"
        )  # fmt: skip
        if texts is not None and len(texts) == onset.size:
            columns[each] = texts
    numbers = picture is not None and picture.dtype.kind in "iuf"
    index = _places(np.asarray(picture[()]), stimuli) if numbers and picture is not None else None
    return Shown(index, None if numbers else names, onset, duration, columns)

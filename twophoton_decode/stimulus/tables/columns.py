"""Which columns of a stimulus log hold pictures, onsets and durations, by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.table import LogTable

_UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "msecs", "millisecond", "milliseconds"),
    "us": ("us", "usec", "μs", "microsecond", "microseconds"),
    "ns": ("ns", "nanosecond", "nanoseconds"),
    "frame": ("frame", "frames"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
SECONDS_PER = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

_SCREEN = ("image", "img", "stimulus", "stim", "picture", "pic")
_PICTURE = {
    *_SCREEN,
    *(f"{word}_{part}" for word in _SCREEN for part in ("file", "filename", "name", "path")),
    *(f"{word}_{part}" for word in _SCREEN for part in ("id", "index", "idx", "number", "no")),
    *(f"{word}_file_name" for word in _SCREEN),
    "file", "filename", "file_name",
}  # fmt: skip
_ONSET = {"onset", "onset_time", *(f"{word}_onset" for word in _SCREEN)}
_ONSET |= {f"{word}_onset_time" for word in _SCREEN}
_STARTED = {f"{word}.started" for word in _SCREEN}
_START = {"start", "start_time", *(f"{word}_start" for word in _SCREEN)}
_TIME = {"time", "t", "timestamp", "time_stamp"}
_DURATION = {"duration", "dur", *(f"{word}_duration" for word in _SCREEN)}


@dataclass(frozen=True)
class TimeColumn:
    """A column of times and its unit: s, ms, us, ns or frame; empty where nothing says it."""

    name: str
    unit: str


@dataclass(frozen=True)
class Columns:
    """What each column of a log means.

    `other_onsets` state the onset as well, in another unit; they are compared with `onset`.
    """

    image: str
    onset: TimeColumn
    duration: TimeColumn | None = None
    other_onsets: tuple[TimeColumn, ...] = ()


def is_header(names: Sequence[str], settings: LogSettings) -> bool:
    """Whether a picture's and an onset's column are among these names."""
    present = {name.strip().casefold() for name in names} - {""}
    image = settings.image_column.casefold() in present or bool(_pictures(names))
    onset = settings.onset_column.casefold() in present or bool(_onsets(names))
    return image and onset


def choose_columns(table: LogTable, settings: LogSettings) -> Columns:
    """The columns that the settings or their names say.

    Raises
    ------
    StimulusLogError
        No column, or several that could be meant.
    SettingsError
        The settings name a column that is not there.
    """
    image = settings.image_column
    image = table.named(image, "[log] image_column") if image else _image(table)
    others = [name for name in table.header if name != image]
    onset = _onset(table, others, settings)
    named = [_time_column(name) for name in others if name != onset.name]
    stated = [each for each in named if each.unit and _parts(each.name)[0] == "onset"]
    found = [each for each in named if _parts(each.name)[0] in _DURATION]
    duration = _only(table, _exact(found, "duration_s"), "durations", "", required=False)
    if duration and not duration.unit:
        duration = TimeColumn(duration.name, onset.unit or "s")
    return Columns(image, onset, duration, tuple(stated))


def _exact(found: list[TimeColumn], name: str) -> list[TimeColumn]:
    """The column of exactly this name where there is one, else all of them."""
    return [each for each in found if each.name == name] or found


def _image(table: LogTable) -> str:
    if "image" in table.header:
        return "image"
    found = [TimeColumn(name, "") for name in _pictures(table.header)]
    column = _only(table, found, "pictures", "image_column", example="image")
    assert column is not None
    return column.name


def _onset(table: LogTable, others: list[str], settings: LogSettings) -> TimeColumn:
    if settings.onset_column:
        column = _time_column(table.named(settings.onset_column, "[log] onset_column"))
    else:
        found = _preferred(_onsets(others))
        example = "onset_s or onset_frame"
        column = _only(table, found, "onsets", "onset_column", example=example) or found[0]
    unit = column.unit if settings.onset_unit == "auto" else settings.onset_unit
    return TimeColumn(column.name, unit)


def _preferred(onsets: list[TimeColumn]) -> list[TimeColumn]:
    """``onset_s`` where the onset is stated in several units, else all of them."""
    stated = [each for each in onsets if each.unit and _parts(each.name)[0] == "onset"]
    exact = [each for each in stated if each.name in ("onset_s", "onset_frame")]
    order = [*SECONDS_PER, "frame"]
    return sorted(exact or stated, key=lambda each: order.index(each.unit))[:1] or onsets


def _only(
    table: LogTable,
    found: list[TimeColumn],
    what: str,
    setting: str,
    *,
    example: str = "",
    required: bool = True,
) -> TimeColumn | None:
    """The one column found, None where there is none and none is required."""
    if len(found) == 1 or not (found or required):
        return found[0] if found else None
    where, columns = table.path, ", ".join(table.header)
    if found:
        names = ", ".join(each.name for each in found)
        rest = f"Name one by {setting} under [log] in session.toml." if setting else "Rename one."
        raise StimulusLogError(f"{where}: the {what} could be in any of {names}. {rest}")
    raise StimulusLogError(
        f"{where}: expected a column called {example}, found {columns}. Rename the column of the "
        f"{what}, name it by {setting} under [log] in session.toml, or, if the file has no "
        "header, add one as its first line."
    )


def _pictures(names: Sequence[str]) -> list[str]:
    return [name for name in names if _parts(name)[0] in _PICTURE and not _parts(name)[1]]


def _onsets(names: Sequence[str]) -> list[TimeColumn]:
    """Columns of onsets; only the words that say it best, such as onset before time."""
    started = [name for name in names if name.strip().casefold().endswith(".started")]
    for words in (_ONSET, _STARTED | _START, _TIME):
        found = [name for name in names if _parts(name)[0] in words]
        if found:
            return [_time_column(name) for name in found]
    return [_time_column(name) for name in started]


def _time_column(name: str) -> TimeColumn:
    base, unit = _parts(name)
    return TimeColumn(name, unit or ("s" if base.endswith(".started") else ""))


def _parts(name: str) -> tuple[str, str]:
    """A column's name in small letters, and the unit at its end: "Onset (ms)" is onset in ms."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip()).casefold()
    words = re.sub(r"[^\w.]+", "_", words).strip("_")
    if words.endswith(".started"):
        return words, ""
    base, _, last = words.replace(".", "_").rpartition("_")
    unit = _UNIT_OF.get(last, "") if base else ""
    return (base, unit) if unit else (words.replace(".", "_"), "")


def what_was_understood(columns: Columns, settings: LogSettings) -> str:
    """Such as "Log: picture from column image, onset from column onset_s (s)."."""
    parts = [f"picture from column {columns.image}", f"onset from column {_named(columns.onset)}"]
    if columns.duration:
        parts.append(f"duration from column {_named(columns.duration)}")
    return f"Log: {', '.join(parts)}{_clock(settings)}."


def _named(column: TimeColumn) -> str:
    return f"{column.name} ({column.unit or 'taken as s'})"


def _clock(settings: LogSettings) -> str:
    parts = []
    if (settings.onset_offset_s, settings.clock_factor) != (0.0, 1.0):
        factor = f"{settings.clock_factor:.9g}"
        parts.append(f"; movie time is {settings.onset_offset_s:g} s + {factor} x log time")
    if settings.movie_start:
        parts.append(f"; the movie began at {settings.movie_start}")
    return "".join(parts)

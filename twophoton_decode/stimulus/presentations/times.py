"""From what the log writes about an onset to seconds since the movie began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np

from twophoton_decode.errors import AlignmentError, SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.presentations.frame_onsets import seconds_of_frames
from twophoton_decode.stimulus.tables.columns import SECONDS_PER, Columns, TimeColumn
from twophoton_decode.stimulus.tables.numbers import column_numbers, is_empty, number
from twophoton_decode.stimulus.tables.table import LogTable

_DAY_S = 86400.0
_MIDNIGHT = datetime(1900, 1, 1)


@dataclass(frozen=True)
class FrameClock:
    """When frames begin, by a rate or by the time of each frame.

    Attributes
    ----------
    rate_hz : float
        Frames per second and plane; 0 where it is not known.
    first_index : int
        The number of the first frame.
    frame_time_s : ndarray, shape (frame,), optional
        When each frame of the movie begins; before and after it the rate counts.
    """

    rate_hz: float
    first_index: int = 0
    frame_time_s: np.ndarray | None = None

    def seconds(self, frame: np.ndarray) -> np.ndarray:
        """Time of frame numbers as the log counts them, in s."""
        return seconds_of_frames(frame - self.first_index, self.rate_hz, self.frame_time_s)


def onsets_in_movie(
    table: LogTable,
    column: TimeColumn,
    rows: np.ndarray,
    settings: LogSettings,
    frames: FrameClock,
) -> np.ndarray:
    """Onsets of some rows in s since the movie began, NaN where there is none, shape (rows,).

    Raises
    ------
    AlignmentError
        Frame numbers without a frame rate.
    StimulusLogError
        Onsets that are no numbers, or times of day without ``movie_start``.
    SettingsError
        Settings of the log's clock that cannot act on these onsets.
    """
    if column.unit == "frame":
        return _from_frames(table, column, rows, settings, frames)
    if _are_stamps(table, column, rows):
        seconds = _from_stamps(table, column, rows, settings)
    else:
        seconds = column_numbers(table, column.name, rows) * SECONDS_PER[column.unit or "s"]
        seconds = seconds - _seconds_of_day(settings)
    return settings.onset_offset_s + settings.clock_factor * seconds


def durations(
    table: LogTable,
    columns: Columns,
    rows: np.ndarray,
    settings: LogSettings,
    frames: FrameClock,
) -> np.ndarray:
    """Durations of some rows in s, NaN where there is none, shape (rows,).

    A duration whose unit nothing says is in the unit of the onsets.

    Raises
    ------
    StimulusLogError
        A value that is no number, or below zero.
    """
    column = columns.duration
    if column is None:
        return np.full(len(rows), np.nan)
    values = column_numbers(table, column.name, rows)
    for row, value in zip(rows, values, strict=True):
        if value < 0:
            raise StimulusLogError(
                f"{table.where(row)}: {column.name} holds the duration {value:g}, below zero."
            )
    return _lasting(values, column.unit, settings, frames)


def durations_said(
    table: LogTable,
    columns: Columns,
    rows: np.ndarray,
    settings: LogSettings,
    frames: FrameClock,
) -> np.ndarray:
    """As `durations`, for rows that are left out: NaN where a value is no duration."""
    column = columns.duration
    if column is None:
        return np.full(len(rows), np.nan)
    texts = _texts(table, column, rows)
    found = np.array([number(text.replace(",", ".")) for text in texts], dtype=float)
    return _lasting(np.where(found >= 0, found, np.nan), column.unit, settings, frames)


def _lasting(
    values: np.ndarray, unit: str, settings: LogSettings, frames: FrameClock
) -> np.ndarray:
    """Durations in a unit as s of the movie's clock."""
    if unit == "frame":
        return values / frames.rate_hz if frames.rate_hz > 0 else np.full(values.shape, np.nan)
    return values * SECONDS_PER[unit] * settings.clock_factor


def _from_frames(
    table: LogTable,
    column: TimeColumn,
    rows: np.ndarray,
    settings: LogSettings,
    frames: FrameClock,
) -> np.ndarray:
    clock = (settings.onset_offset_s, settings.clock_factor, settings.movie_start)
    if clock != (0.0, 1.0, ""):
        raise SettingsError(
            "onset_offset_s, clock_factor and movie_start under [log] are for onsets in time, but "
            f"{table.path.name} counts frames in {column.name}, which is the microscope's own "
            "clock. Remove them from session.toml, or name another onset_column."
        )
    if frames.rate_hz <= 0:
        raise AlignmentError(
            f"{table.path}: {column.name} cannot be turned into seconds without a frame rate. "
            "Set frame_rate_hz in session.toml."
        )
    return frames.seconds(column_numbers(table, column.name, rows))


def _are_stamps(table: LogTable, column: TimeColumn, rows: np.ndarray) -> bool:
    """Whether every onset is a time of day or a date with a time."""
    texts = _texts(table, column, rows)
    filled = [text for text in texts if not is_empty(text)]
    return bool(filled) and all(_is_stamp(text) for text in filled)


def _texts(table: LogTable, column: TimeColumn, rows: np.ndarray) -> list[str]:
    texts = table.column(column.name)
    return [texts[row] for row in rows]


def stamp(text: str) -> datetime | None:
    """A time of day (of one and the same day) or a date with a time; None for anything else."""
    try:
        return datetime.combine(_MIDNIGHT, time.fromisoformat(text))
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _from_stamps(
    table: LogTable, column: TimeColumn, rows: np.ndarray, settings: LogSettings
) -> np.ndarray:
    """Seconds since ``movie_start``, whose clock may pass midnight."""
    texts = _texts(table, column, rows)
    first = next(text for text in texts if not is_empty(text))
    start = stamp(settings.movie_start)
    if start is None:
        raise StimulusLogError(
            f"{table.path}: column {column.name} holds the time of day ({first!r}), not seconds "
            "since the movie began. Say when the movie began by the same clock: movie_start = "
            f'"{_example(first)}" under [log] in session.toml.'
        )
    stamps = [None if is_empty(text) else stamp(text) for text in texts]
    try:
        return np.array([_since(each, start) for each in stamps])
    except TypeError as failure:
        raise _other_kind(settings, first) from failure


def _since(moment: datetime | None, start: datetime) -> float:
    if moment is None:
        return float("nan")
    if (moment.date() == _MIDNIGHT.date()) != (start.date() == _MIDNIGHT.date()):
        raise TypeError
    seconds = (moment - start) / timedelta(seconds=1)
    passed_midnight = moment.date() == _MIDNIGHT.date() and seconds < -_DAY_S / 2
    return seconds + _DAY_S * passed_midnight


def _example(text: str) -> str:
    """A moment a little before a stamp, written as the stamp is."""
    moment = stamp(text)
    assert moment is not None
    only_time = moment.date() == _MIDNIGHT.date()
    return (moment.time() if only_time else moment).isoformat(timespec="milliseconds")


def _seconds_of_day(settings: LogSettings) -> float:
    """``movie_start`` as seconds since midnight, for onsets that are counted from there."""
    if not settings.movie_start:
        return 0.0
    start = stamp(settings.movie_start)
    if start is None or start.date() != _MIDNIGHT.date():
        raise _other_kind(settings, "seconds since midnight")
    return (start - _MIDNIGHT) / timedelta(seconds=1)


def _other_kind(settings: LogSettings, found: str) -> SettingsError:
    return SettingsError(
        f"movie_start = {settings.movie_start!r} under [log] does not match onsets such as "
        f"{found}: write it as the log does, with or without the date and the time zone."
    )


def same_kind(text: str, other: str) -> bool:
    """Whether both are numbers, or both times of day or dates."""
    return any(test(text) and test(other) for test in (_is_number, _is_stamp))


def _is_number(text: str) -> bool:
    return number(text.replace(",", ".")) is not None


def _is_stamp(text: str) -> bool:
    return ":" in text and stamp(text) is not None

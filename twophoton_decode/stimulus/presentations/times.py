"""From what the log writes about an onset to seconds since the movie began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np

from twophoton_decode.errors import AlignmentError, SettingsError, StimulusLogError
from twophoton_decode.settings.log import LogSettings
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
        """When frames begin, s, by their numbers in the log, which need not be whole.

        Parts of a frame, and frames beyond the movie, are reckoned by the frame rate.
        """
        frame = frame - self.first_index
        if self.frame_time_s is None:
            return np.asarray(frame / self.rate_hz)
        whole = np.clip(np.floor(frame), 0, self.frame_time_s.size - 1).astype(int)
        return np.asarray(self.frame_time_s[whole] + (frame - whole) / self.rate_hz)


@dataclass(frozen=True)
class LogTimes:
    """The times in a log, as seconds since the movie began.

    Attributes
    ----------
    settings : LogSettings
        The log's clock.
    frames : FrameClock
        The microscope's.
    """

    table: LogTable
    columns: Columns
    settings: LogSettings
    frames: FrameClock

    def onsets(self, column: TimeColumn, rows: np.ndarray) -> np.ndarray:
        """Onsets in a column for some rows, s, NaN where there is none, shape (rows,).

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
            self._refuse_clock_of_frames(column)
            return self.frames.seconds(column_numbers(self.table, column.name, rows))
        if self._are_stamps(column, rows):
            seconds = self._from_stamps(column, rows)
        else:
            values = column_numbers(self.table, column.name, rows)
            seconds = values * SECONDS_PER[column.unit or "s"] - _seconds_of_day(self.settings)
        return self.settings.onset_offset_s + self.settings.clock_factor * seconds

    def durations(self, rows: np.ndarray) -> np.ndarray:
        """Durations of some rows, s, NaN where there is none, shape (rows,).

        A duration whose unit nothing says is in the unit of the onsets.

        Raises
        ------
        StimulusLogError
            A value that is no number, or below zero.
        """
        column = self.columns.duration
        if column is None:
            return np.full(len(rows), np.nan)
        values = column_numbers(self.table, column.name, rows)
        for row, value in zip(rows, values, strict=True):
            if value < 0:
                raise StimulusLogError(
                    f"{self.table.where(row)}: {column.name} holds the duration {value:g}, below "
                    "zero."
                )
        return self._lasting(values, column.unit)

    def durations_said(self, rows: np.ndarray) -> np.ndarray:
        """As `durations`, for rows that are left out: NaN where a value is no duration."""
        column = self.columns.duration
        if column is None:
            return np.full(len(rows), np.nan)
        texts = self._texts(column, rows)
        found = np.array([number(text.replace(",", ".")) for text in texts], dtype=float)
        return self._lasting(np.where(found >= 0, found, np.nan), column.unit)

    def _lasting(self, values: np.ndarray, unit: str) -> np.ndarray:
        """Durations in a unit as s of the movie's clock."""
        if unit == "frame":
            rate = self.frames.rate_hz
            return values / rate if rate > 0 else np.full(values.shape, np.nan)
        return values * SECONDS_PER[unit] * self.settings.clock_factor

    def _refuse_clock_of_frames(self, column: TimeColumn) -> None:
        settings = self.settings
        clock = (settings.onset_offset_s, settings.clock_factor, settings.movie_start)
        if clock != (0.0, 1.0, ""):
            raise SettingsError(
                "onset_offset_s, clock_factor and movie_start under [log] are for onsets in time, "
                f"but {self.table.path.name} counts frames in {column.name}, which is the "
                "microscope's own clock. Remove them from session.toml, or name another "
                "onset_column."
            )
        if self.frames.rate_hz <= 0:
            raise AlignmentError(
                f"{self.table.path}: {column.name} cannot be turned into seconds without a frame "
                "rate. Set frame_rate_hz in session.toml."
            )

    def _are_stamps(self, column: TimeColumn, rows: np.ndarray) -> bool:
        """Whether every onset is a time of day or a date with a time."""
        filled = [text for text in self._texts(column, rows) if not is_empty(text)]
        return bool(filled) and all(_is_stamp(text) for text in filled)

    def _texts(self, column: TimeColumn, rows: np.ndarray) -> list[str]:
        texts = self.table.column(column.name)
        return [texts[row] for row in rows]

    def _from_stamps(self, column: TimeColumn, rows: np.ndarray) -> np.ndarray:
        """Seconds since ``movie_start``, whose clock may pass midnight."""
        texts = self._texts(column, rows)
        first = next(text for text in texts if not is_empty(text))
        start = stamp(self.settings.movie_start)
        if start is None:
            raise StimulusLogError(
                f"{self.table.path}: column {column.name} holds the time of day ({first!r}), not "
                "seconds since the movie began. Say when the movie began by the same clock: "
                f'movie_start = "{_example(first)}" under [log] in session.toml.'
            )
        stamps = [None if is_empty(text) else stamp(text) for text in texts]
        try:
            return np.array([_since(each, start) for each in stamps])
        except TypeError as failure:
            raise _other_kind(self.settings, first) from failure


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

"""One line that says which column of a log was taken for what, and in which unit."""

from __future__ import annotations

from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.columns import Columns, TimeColumn


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

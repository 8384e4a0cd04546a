"""Two columns that both state the onset are compared: a doubt about rate or dropped frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.stimulus.presentations.timeline import Timeline
from twophoton_decode.stimulus.presentations.times import LogTimes
from twophoton_decode.stimulus.tables.columns import TimeColumn
from twophoton_decode.stimulus.tables.table import LogTable

# Beyond this, windows of the usual length would hold another picture's response.
_GROSS_S = 1.0
# Frame rates are mistaken by the planes or channels of a volume, not by more.
_RATES_APART = 10.0


def compare_onsets(times: LogTimes, timeline: Timeline, shown: np.ndarray) -> list[str]:
    """Notes on columns that differ from the onsets used by more than a frame.

    `shown` says which rows of the table count, shape (row of the table,).

    Raises
    ------
    StimulusLogError
        By more than a second, and ``onset_column`` does not say which counts.
    """
    rate, columns = times.frames.rate_hz, times.columns
    if rate <= 0:
        return []
    places = timeline.places(shown)
    rows, onset_s = timeline.row[places], timeline.onset_s[places]
    notes = []
    for other in columns.other_onsets:
        stated = _clock_of(other, times).onsets(other, rows)
        apart = np.nan_to_num(np.abs(onset_s - stated)).max(initial=0.0)
        if apart * rate > 1 + 1e-6:
            text = _difference(times.table, columns.onset, other, rows, onset_s, stated, rate)
            if apart > _GROSS_S and not times.settings.onset_column:
                raise StimulusLogError(
                    f"{text} Check frame_rate_hz and dropped frames, or choose one: "
                    f'onset_column = "{columns.onset.name}" or "{other.name}" under [log] in '
                    "session.toml."
                )
            notes.append(f"{text} {columns.onset.name} is used.")
    return notes


def _clock_of(column: TimeColumn, times: LogTimes) -> LogTimes:
    """Frames are in the microscope's clock, whatever is said of the log's."""
    if column.unit != "frame":
        return times
    plain = {"onset_offset_s": 0.0, "clock_factor": 1.0, "movie_start": ""}
    return replace(times, settings=times.settings.model_copy(update=plain))


def _difference(
    table: LogTable,
    used: TimeColumn,
    other: TimeColumn,
    rows: np.ndarray,
    onset_s: np.ndarray,
    stated: np.ndarray,
    rate_hz: float,
) -> str:
    apart = np.nan_to_num(np.abs(onset_s - stated))
    place = int(apart.argmax())
    differing = int((apart * rate_hz > 1).sum())
    text = (
        f"{table.where(rows[place])}: {used.name} says {onset_s[place]:.3f} s, but {other.name} "
        f"says {stated[place]:.3f} s, the largest of {differing} differences above one frame."
    )
    return text + _growth(used, other, onset_s, stated, rate_hz)


def _growth(
    used: TimeColumn, other: TimeColumn, onset_s: np.ndarray, stated: np.ndarray, rate_hz: float
) -> str:
    """Whether one column runs faster than the other, which a wrong frame rate does."""
    both = np.isfinite(onset_s) & np.isfinite(stated)
    if both.sum() < 3 or np.ptp(stated[both]) == 0:
        return ""
    slope, start = np.polyfit(stated[both], onset_s[both], 1)
    left = np.abs(onset_s[both] - start - slope * stated[both]).max()
    if left > 0.1 * np.abs(onset_s - stated)[both].max() or abs(slope - 1) < 1e-6:
        return ""
    plausible = other.unit == "frame" and 1 / _RATES_APART <= slope <= _RATES_APART
    fits = f": a frame rate of {rate_hz / slope:.6g} Hz would fit" if plausible else ""
    return (
        f" The difference grows steadily, {used.name} running {slope:.6g} times as fast as "
        f"{other.name}{fits}."
    )

"""The onsets of a log by its own clock, and the log written again with those of the trace."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from twophoton_decode.errors import StimulusLogError, UsageError
from twophoton_decode.files.atomic import write_text
from twophoton_decode.records.movie.clock_alignment import ClockAlignment
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.presentations.times import FrameClock, LogTimes, stamp
from twophoton_decode.stimulus.tables.columns import Columns, choose_columns
from twophoton_decode.stimulus.tables.numbers import is_empty
from twophoton_decode.stimulus.tables.reading import read_table
from twophoton_decode.stimulus.tables.table import LogTable

_FEWEST = 3


@dataclass(frozen=True)
class LogOnsets:
    """A log and its onsets.

    Attributes
    ----------
    table : LogTable
    columns : Columns
    row : ndarray of int, shape (onset,)
        Rows of the table that have an onset.
    onset_s : ndarray, shape (onset,)
        By the log's clock, s, rising; times of day count from the first row's.
    """

    table: LogTable
    columns: Columns
    row: np.ndarray
    onset_s: np.ndarray

    def lines(self, places: np.ndarray) -> list[int]:
        """Where some of the onsets stand in the file."""
        return [self.table.lines[row] for row in self.row[places].tolist()]


def read_onsets(path: Path, settings: LogSettings) -> LogOnsets:
    """The onsets of a log, as `tpdecode init --log` would read them.

    Raises
    ------
    StimulusLogError
        No onsets in time, fewer than three, or onsets that do not rise.
    """
    table = read_table(path, settings)
    columns = choose_columns(table, settings)
    name = columns.onset.name
    if columns.onset.unit == "frame":
        raise StimulusLogError(
            f"{path}: {name} counts frames, which is the microscope's own clock already. Name a "
            "column of times by --onset-column."
        )
    texts = table.column(name)
    row = np.array([place for place, text in enumerate(texts) if not is_empty(text)], dtype=int)
    if row.size < _FEWEST:
        raise StimulusLogError(
            f"{path}: column {name} holds {row.size} onsets; at least {_FEWEST} are needed."
        )
    if ":" in texts[row[0]] and stamp(texts[row[0]]) is not None:
        settings = settings.model_copy(update={"movie_start": texts[row[0]]})
    onset = LogTimes(table, columns, settings, FrameClock(0.0)).onsets(columns.onset, row)
    back = np.flatnonzero(np.diff(onset) <= 0)
    if back.size:
        raise StimulusLogError(
            f"{table.where(int(row[back[0] + 1]))}: the onset does not come after that of the row "
            "before. Sort the rows; align blocks whose clock restarts one by one, as files of "
            "their own."
        )
    return LogOnsets(table, columns, row, onset)


def write_aligned(log: LogOnsets, made: ClockAlignment, output: Path) -> list[str]:
    """Write the log with the new column onset_s, and say what became of its columns.

    All columns stay. Those that held onsets are called ``…_log``; ``onset_from`` is ``flip``, or
    ``clock`` where the flip was missed and the line of the two clocks says the onset. Rows without
    an onset get none.

    Raises
    ------
    UsageError
        The log has a column of such a name.
    """
    table = log.table
    new = {each.name: f"{each.name}_log" for each in (log.columns.onset, *log.columns.other_onsets)}
    new |= _duration_with_unit(log.columns)
    header = [new.get(name, name) for name in table.header] + ["onset_s", "onset_from"]
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise UsageError(
            f"{table.path} has a column {repeated[0]} already, as a log that was aligned before. "
            "Align the first one, or rename the column."
        )
    onset, source = [""] * len(table.rows), [""] * len(table.rows)
    is_matched = np.isin(np.arange(log.row.size), made.matched_row)
    for row, seconds, by_flip in zip(log.row.tolist(), made.onset_s, is_matched, strict=True):
        onset[row], source[row] = f"{seconds:.6f}", "flip" if by_flip else "clock"
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=table.separator or ",", lineterminator="\n")
    writer.writerow(header)
    for values in zip(table.rows, onset, source, strict=True):
        writer.writerow([*values[0], *values[1:]])
    write_text(output, text.getvalue())
    return [f"column {old} is called {name}" for old, name in new.items()]


def _duration_with_unit(columns: Columns) -> dict[str, str]:
    """A duration had the unit of the onsets, which are seconds now: its name has to say it."""
    duration = columns.duration
    if duration is None or duration.unit == "s":
        return {}
    said = duration.name.casefold().rstrip(")] ").endswith(duration.unit)
    return {} if said else {duration.name: f"{duration.name}_{duration.unit}"}

"""Which of several tables in one file is the stimulus log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.columns import is_header
from twophoton_decode.stimulus.tables.table import LogTable, whole_table

NumberedRows = Sequence[tuple[int, list[str]]]
"""Rows of text with the number of each in the file; the first may be a header."""


def choose_table(
    path: Path, tables: Mapping[str, NumberedRows], settings: LogSettings, what: str
) -> LogTable:
    """The table that the settings name, else the only one with a header that is understood.

    Parameters
    ----------
    tables : mapping
        Rows of each table, by its name.
    what : str
        What the names are called, such as "sheet".

    Raises
    ------
    StimulusLogError
        None fits, or several do.
    """
    if settings.table:
        if settings.table not in tables:
            raise StimulusLogError(
                f"{path}: table under [log] in session.toml is {settings.table!r}, but the "
                f"{what}s are {_listed(tables)}."
            )
        chosen = [settings.table]
    else:
        chosen = [name for name, rows in tables.items() if _header(rows, settings) >= 0]
    if len(chosen) > 1:
        raise StimulusLogError(
            f"{path}: the {what}s {', '.join(chosen)} could all be the log. Name one by table "
            "under [log] in session.toml."
        )
    if not chosen and len(tables) != 1:
        raise StimulusLogError(
            f"{path}: expected a {what} with the columns image and onset_s, found "
            f"{_listed(tables)}. If one is the log under other names, set table, image_column "
            "and onset_column under [log] in session.toml."
        )
    name = (chosen or list(tables))[0]
    return _table(
        path, tables[name], settings, [f"The log is the {what} {name}."] * (len(tables) > 1)
    )


def _table(path: Path, rows: NumberedRows, settings: LogSettings, notes: list[str]) -> LogTable:
    start = max(_header(rows, settings), 0)
    if start:
        notes = [*notes, f"{start} rows above the log's header are skipped."]
    header = rows[start][1] if rows else []
    body = rows[start + 1 :]
    return whole_table(
        path,
        header,
        [row + [""] * (len(header) - len(row)) for _, row in body],
        [number for number, _ in body],
        line_word="row",
        notes=notes,
    )


def _header(rows: NumberedRows, settings: LogSettings) -> int:
    """Which row is the header; -1 where none is."""
    found = (place for place, (_, row) in enumerate(rows[:50]) if is_header(row, settings))
    return next(found, -1)


def _listed(tables: Mapping[str, NumberedRows]) -> str:
    """The tables with the names of their columns."""
    described = [
        f"{name} ({', '.join(cell for cell in rows[0][1][:8] if cell) if rows else 'empty'})"
        for name, rows in tables.items()
    ]
    return "; ".join(described[:8]) or "none"

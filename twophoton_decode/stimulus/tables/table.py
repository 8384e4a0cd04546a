"""A stimulus log as a table of text, whichever kind of file it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from twophoton_decode.errors import SettingsError, StimulusLogError


@dataclass(frozen=True)
class LogTable:
    """Header and rows of a log, all text.

    Attributes
    ----------
    path : Path
    header : list of str
        Names of the columns.
    rows : list of list of str
        One entry per row and column, without the blanks around it.
    lines : list of int
        Where each row stands in the file, counted from 1.
    line_word : str
        What `lines` counts: "line" of a text, "row" of a sheet or a MATLAB variable.
    separator : str
        What separates the columns of a text; empty for other files.
    notes : tuple of str
        What was passed over, or taken for something.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    line_word: str = "line"
    separator: str = ""
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> list[str]:
        """The values of one column."""
        position = self.header.index(name)
        return [row[position] for row in self.rows]

    def where(self, row: int) -> str:
        """Where a row stands, for messages: ``log.csv, line 3``."""
        return f"{self.path.name}, {self.line_word} {self.lines[row]}"

    def named(self, name: str, setting: str) -> str:
        """The column that a setting names, in other capitals if need be.

        Raises
        ------
        SettingsError
            There is none, or there are several that differ in capitals only.
        """
        if name in self.header:
            return name
        found = [each for each in self.header if each.casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        raise SettingsError(
            f"{setting} names the column {name!r}, but the columns of {self.path.name} are "
            f"{', '.join(self.header)}."
        )


def whole_table(
    path: Path,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    lines: Sequence[int],
    *,
    line_word: str = "line",
    separator: str = "",
    notes: Sequence[str] = (),
) -> LogTable:
    """A table whose rows are as long as the header, empty columns without a name left out.

    Raises
    ------
    StimulusLogError
        No rows, a row of another length, or a name that stands twice in the header.
    """
    if not rows:
        found = "a header but no rows" if header else "an empty file"
        raise StimulusLogError(
            f"{path}: expected a header and one row per presentation, found {found}."
        )
    names = [name.strip() for name in header]
    cells = [[cell.strip() for cell in row] for row in rows]
    while names and not names[-1] and not any(any(row[len(names) - 1 :]) for row in cells):
        names.pop()
    fitted = [
        _fitted(row, len(names), f"{path.name}, {line_word} {line}")
        for row, line in zip(cells, lines, strict=True)
    ]
    _refuse_repeated(path, names)
    named = [name or f"column {place}" for place, name in enumerate(names, start=1)]
    return LogTable(path, named, fitted, list(lines), line_word, separator, tuple(notes))


def _fitted(row: list[str], width: int, where: str) -> list[str]:
    """The row without empty values beyond the header."""
    if len(row) >= width and not any(row[width:]):
        return row[:width]
    hint = (
        "A value that holds the separator, such as a number with a decimal comma, needs quotes "
        "around it."
        if len(row) > width
        else "Is the line cut short?"
    )
    raise StimulusLogError(
        f"{where}: expected {width} values like the header, found {len(row)}. {hint}"
    )


def _refuse_repeated(path: Path, names: list[str]) -> None:
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise StimulusLogError(
            f"{path}: the column name {', '.join(repeated)} appears more than once in the "
            "header; rename one."
        )

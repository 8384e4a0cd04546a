"""Numbers in CSV and TSV tables: the whole table, or one column by its name."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.files.arrays.found import FoundArray
from twophoton_decode.files.arrays.names import chosen

_SEPARATORS = "\t;,"
_MISSING = {"", "na", "nan", "n/a", "null", "none"}
_BOOLEAN = {"true": "1", "false": "0"}


def read_table(path: Path, key: str, *, texts: bool = False) -> FoundArray:
    """Rows and columns of a table, or the column called `key`, one value a row.

    The first line is a header where not all of it is numbers, or where it counts the columns
    from 0. Empty cells and NA are NaN. A
    first column without a name, as pandas and R write, numbers the rows and is left out. A
    comma is the decimal sign where semicolons or tabs separate the columns.

    Raises
    ------
    ResponseError
        The table is empty or ragged, or holds texts where `texts` are not asked for.
    UsageError
        There is no column of that name.
    """
    rows, separator = _rows(path)
    decimal = "," if separator != "," else "."
    header, body, first = _split(rows, decimal, path)
    notes: list[str] = []
    if key:
        place = header.index(chosen(path, key, header, what="column"))
        body = [[row[place]] for row in body]
    elif header and header[0] in ("", "Unnamed: 0") and len(header) > 1:
        body = [row[1:] for row in body]
        notes.append("the first column has no name and was left out: it numbers the rows")
    if texts:
        values: np.ndarray = np.array([[cell.strip() for cell in row] for row in body])
    else:
        values = np.array([_numbers(row, decimal, path, first + i) for i, row in enumerate(body)])
    return FoundArray(values[:, 0] if key else values, notes=tuple(notes))


def _rows(path: Path) -> tuple[list[list[str]], str]:
    """Cells of all lines that hold any, and what separates them."""
    text = path.read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if lines and lines[0].lower().startswith("sep="):
        # A line for Excel.
        lines = lines[1:]
    separator = max(_SEPARATORS, key=lambda sign: lines[0].count(sign)) if lines else ","
    if lines and not any(sign in lines[0] for sign in _SEPARATORS) and len(lines[0].split()) > 1:
        return [line.split() for line in lines], " "
    return list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator)), separator


def _split(
    rows: list[list[str]], decimal: str, path: Path
) -> tuple[list[str], list[list[str]], int]:
    """Header (empty where there is none), the rows below it, and the number of the first."""
    has_header = bool(rows) and (
        any(_number(cell, decimal) is None for cell in rows[0]) or _counts_columns(rows[0])
    )
    header = [cell.strip() for cell in rows[0]] if has_header else []
    body = rows[has_header:]
    if not body:
        raise ResponseError(f"{path} holds no rows of numbers.")
    for number, row in enumerate(body, has_header + 1):
        if len(row) != len(rows[0]):
            raise ResponseError(
                f"{path}, row {number}: expected {len(rows[0])} columns as in the first row, "
                f"found {len(row)}."
            )
    return header, body, has_header + 1


def _counts_columns(row: list[str]) -> bool:
    """Whether a line only numbers the columns from 0, as pandas does where they have no names."""
    cells = row[1:] if not row[0].strip() else row
    return len(cells) > 1 and cells == [str(i) for i in range(len(cells))]


def _numbers(row: list[str], decimal: str, path: Path, number: int) -> list[float]:
    found = [_number(cell, decimal) for cell in row]
    for place, value in enumerate(found):
        if value is None:
            raise ResponseError(
                f"{path}, row {number}, column {place + 1}: expected a number, found "
                f"{row[place].strip()!r}."
            )
    return [value for value in found if value is not None]


def _number(cell: str, decimal: str) -> float | None:
    text = cell.strip().lower()
    if text in _MISSING:
        return float("nan")
    text = _BOOLEAN.get(text, text)
    try:
        # Python would take 1_000 for a number.
        return None if "_" in text else float(text.replace(",", ".") if decimal == "," else text)
    except ValueError:
        return None

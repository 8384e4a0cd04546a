"""Logs in Excel workbooks (.xlsx): values as they were saved, formulas never computed."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.candidates import NumberedRows, choose_table
from twophoton_decode.stimulus.tables.table import LogTable

# A log of a hundred thousand rows unpacks to some 30 MB.
_LARGEST_BYTES = 256 * 2**20
_MOST_COLUMNS = 1024
_MOST_ROWS = 2**20


def read_workbook(path: Path, settings: LogSettings) -> LogTable:
    """The sheet of a workbook that holds the log.

    Raises
    ------
    StimulusLogError
        No workbook, one that unpacks to more than a log could hold, or no sheet with a log.
    """
    _refuse_too_large(path)
    try:
        tables = _sheets(path)
    except StimulusLogError:
        raise
    except Exception as failure:  # openpyxl raises whatever its XML and styles run into
        raise StimulusLogError(
            f"{path} cannot be read as an .xlsx workbook ({type(failure).__name__}: {failure}). "
            "Save the sheet as CSV."
        ) from failure
    return choose_table(path, tables, settings, "sheet")


def _refuse_too_large(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as failure:
        raise StimulusLogError(
            f"{path} cannot be read as an .xlsx workbook: it is damaged or cut short ({failure})."
        ) from failure
    if size > _LARGEST_BYTES:
        raise StimulusLogError(
            f"{path} unpacks to {size / 2**20:.0f} MB, too much for a stimulus log. Save the "
            "sheet of the log as CSV."
        )


def _sheets(path: Path) -> dict[str, NumberedRows]:
    import openpyxl

    with warnings.catch_warnings(), path.open("rb") as stream:
        # Of extensions that do not matter for values.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        try:
            return {sheet.title: list(_rows(path, sheet)) for sheet in book.worksheets}
        finally:
            book.close()


def _rows(path: Path, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, without the empty cells at their ends."""
    # The size that a sheet claims is not believed: empty rows are not made up to it.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > _MOST_ROWS or len(cells) > _MOST_COLUMNS:
            raise StimulusLogError(
                f"{path}, sheet {sheet.title}: more than {_MOST_ROWS} rows or {_MOST_COLUMNS} "
                "columns are too many for a stimulus log. Save the log's part of the sheet as CSV."
            )
        row = [_text(cell) for cell in cells]
        while row and not row[-1]:
            row.pop()
        if row:
            yield number, row


def _text(value: Any) -> str:
    """A cell as a text log would write it."""
    if value is None:
        return ""
    if isinstance(value, timedelta):
        return repr(value.total_seconds())
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value).strip()

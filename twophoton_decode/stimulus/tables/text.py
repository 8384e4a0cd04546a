"""Logs as text: how it is encoded, what separates the columns, where the header stands."""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.tables.columns import is_header
from twophoton_decode.stimulus.tables.table import LogTable, whole_table

_SEPARATORS = ("\t", ",", ";", "|")
_COMMENT = re.compile(r"\s*(#|%|//)")
_EXCEL_SEPARATOR = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)
# How many lines may stand above a header that is known by its names.
_PREAMBLE = 50
_Rows = list[tuple[int, list[str]]]


def read_text(path: Path, content: bytes, settings: LogSettings) -> LogTable:
    """The table in a text file.

    Lines that begin with ``#``, ``%`` or ``//`` are comments; Excel's ``sep=`` line is
    obeyed; lines above the header are passed over where the header is known by its names.

    Raises
    ------
    StimulusLogError
        No text, or no table.
    """
    text, notes = _decoded(path, content)
    lines = re.split(r"\r\n|\r|\n", text)
    separator, lines = _announced_separator(lines)
    comments = [bool(_COMMENT.match(line)) for line in lines]
    plain = ["" if comment else line for line, comment in zip(lines, comments, strict=True)]
    separator = separator or _separator(plain, settings)
    rows = _rows(path, plain, separator)
    header, body = _split(rows, _commented(lines, comments, separator), settings)
    first = body[0][0] if body else len(lines)
    notes += _comments_note([n for n, comment in enumerate(comments, 1) if comment and n > first])
    notes += _preamble_note(len(rows) - len(body) - (header in [row for _, row in rows]))
    numbers = [line for line, _ in body]
    return whole_table(
        path, header, [row for _, row in body], numbers, separator=separator, notes=notes
    )


def _decoded(path: Path, content: bytes) -> tuple[str, list[str]]:
    """The text, and a note where its encoding is a guess."""
    try:
        text, notes = _decode(content)
    except UnicodeError as failure:
        raise StimulusLogError(f"{_no_text(path)} ({failure}).") from failure
    if "\0" in text:
        raise StimulusLogError(f"{_no_text(path)} (it holds zero bytes).")
    return text, notes


def _decode(content: bytes) -> tuple[str, list[str]]:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16"), []
    if content[:1] == b"\0":
        return content.decode("utf-16-be"), []
    if content[1:2] == b"\0":
        return content.decode("utf-16-le"), []
    try:
        return content.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        return content.decode("cp1252"), ["The log is not UTF-8; it was read as Windows-1252."]


def _no_text(path: Path) -> str:
    return f"{path} cannot be read as comma- or tab-separated text in UTF-8, UTF-16 or Windows-1252"


def _announced_separator(lines: list[str]) -> tuple[str, list[str]]:
    """The separator that Excel's ``sep=`` announces, and the lines without that one."""
    for number, line in enumerate(lines):
        found = _EXCEL_SEPARATOR.fullmatch(line)
        if found:
            return found[1], [*lines[:number], "", *lines[number + 1 :]]
        if line.strip():
            break
    return "", lines


def _separator(lines: list[str], settings: LogSettings) -> str:
    """What makes a header of one of the first lines, else what is most frequent in the first."""
    candidates = [line for line in lines if line.strip()][:_PREAMBLE] or [""]
    for line in candidates:
        for separator in _SEPARATORS:
            if is_header(_cells(line, separator), settings):
                return separator
    return max(_SEPARATORS, key=candidates[0].count)


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(separator)]


def _rows(path: Path, lines: list[str], separator: str) -> _Rows:
    """Every row that is not empty, with the line where it ends."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as failure:
        raise StimulusLogError(
            f"{path.name}, line {reader.line_num}: cannot be read as text with columns "
            f"separated by {separator!r}: {failure}."
        ) from failure


def _commented(lines: list[str], comments: list[bool], separator: str) -> list[str]:
    """The last comment before the first row, which may be the header."""
    last: list[str] = []
    for line, comment in zip(lines, comments, strict=True):
        if comment:
            last = _cells(_COMMENT.sub("", line, count=1), separator)
        elif line.strip():
            break
    return last


def _split(rows: _Rows, comment: list[str], settings: LogSettings) -> tuple[list[str], _Rows]:
    """Header, and the rows below it."""
    for place, (_, row) in enumerate(rows[:_PREAMBLE]):
        if is_header(row, settings):
            return row, rows[place + 1 :]
    if rows and len(comment) == len(rows[0][1]) and is_header(comment, settings):
        return comment, rows
    return (rows[0][1], rows[1:]) if rows else ([], [])


def _comments_note(lines: list[int]) -> list[str]:
    if not lines:
        return []
    return [
        f"{len(lines)} comment lines among the log's rows are skipped, from line {lines[0]} on."
    ]


def _preamble_note(lines: int) -> list[str]:
    return [f"{lines} lines above the log's header are skipped."] if lines > 0 else []

"""Rows that ``exclude`` takes out of a log before their pictures are looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twophoton_decode.stimulus.tables.numbers import number
from twophoton_decode.stimulus.tables.table import LogTable

_VALUES_LISTED = 8


def excluded(table: LogTable, exclude: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """Why each row is left out, empty where it is not, and notes on values that no row has.

    Values are compared as numbers where both are numbers, as truth values without regard to
    capitals, and else letter by letter.

    Raises
    ------
    SettingsError
        A column that the log does not have.
    """
    reason = [""] * len(table.rows)
    notes = []
    for name, values in exclude.items():
        column = table.named(name, "[responses] exclude")
        texts = table.column(column)
        for value in values:
            rows = [row for row, text in enumerate(texts) if _same(text, value)]
            for row in rows:
                reason[row] = reason[row] or f"{column} = {texts[row]}"
            if not rows:
                notes.append(
                    f"exclude: no row of the log has {column} = {value}; its values are "
                    f"{some_values(texts)}."
                )
    return reason, notes


def _same(text: str, value: str) -> bool:
    value = value.strip()
    if text == value:
        return True
    if value.casefold() in ("true", "false"):
        return text.casefold() == value.casefold()
    left, right = number(text), number(value)
    return left is not None and left == right


def some_values(texts: list[str]) -> str:
    """The first few different values."""
    values = list(dict.fromkeys(texts))
    more = f" and {len(values) - _VALUES_LISTED} more" if len(values) > _VALUES_LISTED else ""
    return ", ".join(value or "empty" for value in values[:_VALUES_LISTED]) + more

"""Numbers as logs write them: with a decimal point or a decimal comma, never guessed at."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from twophoton_decode.errors import StimulusLogError
from twophoton_decode.stimulus.tables.table import LogTable

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LIKE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_EMPTY = {"", "nan", "na", "n/a", "none", "null", "-", "--"}


def is_empty(text: str) -> bool:
    """Whether a value says that there is none."""
    return text.casefold() in _EMPTY


def number(text: str) -> float | None:
    """A finite number with a decimal point; None for anything else."""
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None


def whole_number(text: str) -> int | None:
    """A whole number, also written as 2.0; None for anything else."""
    value = number(text)
    exact = value is not None and value.is_integer() and abs(value) < 2**53
    return int(value) if exact and value is not None else None


def column_numbers(table: LogTable, name: str, rows: Sequence[int] | np.ndarray) -> np.ndarray:
    """The values of one column in some rows, shape (rows,); NaN where the column is empty.

    Raises
    ------
    StimulusLogError
        A value that is no finite number, or commas that may be decimal or group thousands.
    """
    texts = table.column(name)
    some = {int(row): texts[row] for row in rows if not is_empty(texts[row])}
    decimal_comma = _has_decimal_comma(table, name, some)
    values = np.full(len(rows), math.nan)
    for place, row in enumerate(rows):
        text = some.get(int(row))
        if text is not None:
            value = number(text.replace(",", ".") if decimal_comma else text)
            if value is None:
                raise StimulusLogError(
                    f"{table.where(row)}: expected a number in column {name}, found {text!r}."
                )
            values[place] = value
    return values


def _has_decimal_comma(table: LogTable, name: str, texts: dict[int, str]) -> bool:
    """Whether commas in a column are decimal; an error where they may group thousands."""
    commas = {row: text for row, text in texts.items() if "," in text}
    if not commas:
        return False
    row, text = next(iter(commas.items()))
    grouped = [r for r, t in commas.items() if t.count(",") > 1 or "." in t]
    points = [r for r, t in texts.items() if "." in t]
    if grouped or points:
        row = (grouped or points)[0]
        raise StimulusLogError(
            f"{table.where(row)}: {texts[row]!r} in column {name}: write numbers without "
            "thousands separators, and all with a decimal point or all with a decimal comma."
        )
    mixed = table.separator == "," or len(commas) < len(texts)
    if mixed and all(_LIKE_THOUSANDS.fullmatch(each) for each in commas.values()):
        raise StimulusLogError(
            f"{table.where(row)}: {text!r} in column {name} may be {text.replace(',', '.')} or "
            f"{text.replace(',', '')}. Write it with a decimal point, or without the comma."
        )
    return True

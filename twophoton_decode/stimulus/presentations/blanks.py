"""Rows of a log that show no picture: blanks, pictures only expected, nothing at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.presentations.exclusion import some_values
from twophoton_decode.stimulus.presentations.pictures import PictureNames
from twophoton_decode.stimulus.tables.columns import Columns
from twophoton_decode.stimulus.tables.numbers import is_empty, number, whole_number
from twophoton_decode.stimulus.tables.table import LogTable
from twophoton_decode.words import counted

_NOTHING = {"", "-1", "nan", "none"}
"""Values that mean no picture in a column of pictures, and anything in others."""


@dataclass(frozen=True)
class RowKinds:
    """What each row of a log is; arrays of shape (row,).

    Attributes
    ----------
    shown : ndarray of bool
        It shows a picture, has an onset and is not excluded.
    blank : ndarray of bool
        It shows a screen without a picture and has an onset.
    expected : ndarray of str
        The condition in which its picture was expected, but not shown; empty for all others.
    excluded : ndarray of str
        Why `exclude` leaves it out; empty where it does not.
    without_onset : ndarray of bool
        It names a picture, but has no onset.
    empty : ndarray of bool
        It shows no picture, excluded or not.
    notes : list of str
        How many rows are left out as what.
    """

    shown: np.ndarray
    blank: np.ndarray
    expected: np.ndarray
    excluded: np.ndarray
    without_onset: np.ndarray
    empty: np.ndarray
    notes: list[str]

    @property
    def left_out(self) -> np.ndarray:
        """Why each row that shows a picture is left out; empty for the others."""
        return np.where(self.without_onset, "no onset", self.excluded)


def kinds_of_rows(
    table: LogTable,
    columns: Columns,
    reasons: list[str],
    pictures: PictureNames,
    settings: LogSettings,
) -> RowKinds:
    """Sort the rows; `reasons` are those of `exclude`."""
    images, condition = table.column(columns.image), _conditions(table, settings)
    excluded = np.array(reasons, dtype=object)
    words = {value.strip().casefold() for value in settings.blank_values}
    blank = np.array([means_no_picture(text, words, pictures) for text in images])
    blank |= np.array([text in words - _NOTHING for text in condition])
    said = np.array([_says_blank(reason, words) for reason in reasons])
    absent = _expected(condition, settings) & ~blank
    onset = np.array([not is_empty(text) for text in table.column(columns.onset.name)])
    kept = excluded == ""
    return RowKinds(
        shown=kept & ~blank & ~absent & onset,
        blank=(kept & blank | said) & onset,
        expected=np.where(kept & absent & onset, condition, ""),
        excluded=excluded,
        without_onset=kept & ~blank & ~onset,
        empty=blank | said | absent,
        notes=[
            *_notes(table, images, kept & blank & onset, kept & blank & ~onset),
            *_expected_note(condition, kept & absent & onset),
            *_no_condition(table, condition, absent, settings),
            *_hint(table, kept & ~blank & onset, settings),
        ],
    )


def _conditions(table: LogTable, settings: LogSettings) -> list[str]:
    """What `condition_column` says of each row, in small letters; "" without such a column."""
    if not settings.condition_column:
        return [""] * len(table.rows)
    column = table.named(settings.condition_column, "[log] condition_column")
    return [_plain(text) for text in table.column(column)]


def _plain(text: str) -> str:
    """In small letters; numbers alike however they are written, 1 as 1.0."""
    value = number(text.strip())
    return text.strip().casefold() if value is None else f"{value:.15g}"


def _expected(condition: list[str], settings: LogSettings) -> np.ndarray:
    """Which rows name a picture that was expected, but not shown."""
    values = {_plain(value) for value in settings.without_picture} - {""}
    return np.array([text in values for text in condition], dtype=bool)


def _expected_note(condition: list[str], expected: np.ndarray) -> list[str]:
    """How many rows show no picture, by condition."""
    if not expected.any():
        return []
    counts = Counter(condition[row] for row in np.flatnonzero(expected)).most_common()
    listed = ", ".join(f"{count} × {value}" for value, count in counts)
    rows, verb = counted(int(expected.sum()), "row"), "is" if expected.sum() == 1 else "are"
    return [f"{rows} with a picture that was not shown {verb} kept out of responses ({listed})."]


def _no_condition(
    table: LogTable, condition: list[str], absent: np.ndarray, settings: LogSettings
) -> list[str]:
    """That the column named for it says of no row that it shows no picture."""
    if not settings.condition_column or absent.any():
        return []
    wanted = some_values(settings.without_picture) or "any value of without_picture"
    return [
        f"condition_column: no row of the log has {wanted} in the "
        f"column {settings.condition_column}, so that every row counts as a presentation of its "
        f"picture or as a blank; its values are {some_values(condition)}. without_picture under "
        "[log] names those of pictures that were not shown."
    ]


def _hint(table: LogTable, counted_rows: np.ndarray, settings: LogSettings) -> list[str]:
    """That rows may show no picture, where a column that no setting names says so."""
    if settings.condition_column:
        return []
    for name in table.header:
        texts = [_plain(text) for text in table.column(name)]
        absent = np.flatnonzero(_expected(texts, settings) & counted_rows)
        if absent.size:
            return [
                f"{counted(absent.size, 'row')} with {name} = {texts[absent[0]]} count as "
                "presentations of their picture. If it was not shown, set condition_column = "
                f'"{name}" under [log].'
            ]
    return []


def means_no_picture(text: str, words: set[str], pictures: PictureNames) -> bool:
    """Whether a value means no picture; one that is a picture's name never does."""
    value = whole_number(text)
    plain = text.casefold() if value is None else str(value)
    return plain in words and pictures.find(text) is None


def _says_blank(reason: str, words: set[str]) -> bool:
    """Whether a row was excluded as a blank, such as by type = blank."""
    return reason.partition(" = ")[2].casefold() in words - _NOTHING


def _notes(table: LogTable, images: list[str], blank: np.ndarray, nothing: np.ndarray) -> list[str]:
    notes = []
    if blank.any():
        counts = Counter(images[row] or "empty" for row in np.flatnonzero(blank)).most_common()
        listed = ", ".join(f"{count} × {value}" for value, count in counts)
        rows, verb = counted(int(blank.sum()), "row"), "is" if blank.sum() == 1 else "are"
        notes.append(f"{rows} without a picture {verb} left out as blanks ({listed}).")
    if nothing.any():
        first = int(np.flatnonzero(nothing)[0])
        notes.append(
            f"Passed over: {counted(int(nothing.sum()), 'row')} without picture and onset, the "
            f"first in {table.line_word} {table.lines[first]}."
        )
    return notes

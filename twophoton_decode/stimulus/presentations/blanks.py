"""Rows of a log that show a blank screen, or hold no presentation at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from twophoton_decode.settings.log import LogSettings
from twophoton_decode.stimulus.presentations.pictures import PictureNames
from twophoton_decode.stimulus.tables.columns import Columns
from twophoton_decode.stimulus.tables.numbers import is_empty, whole_number
from twophoton_decode.stimulus.tables.table import LogTable
from twophoton_decode.words import counted


@dataclass(frozen=True)
class RowKinds:
    """What each row of a log is; arrays of shape (row,).

    Attributes
    ----------
    shown : ndarray of bool
        It shows a picture, has an onset and is not excluded.
    blank : ndarray of bool
        It shows a screen without a picture and has an onset.
    excluded : ndarray of str
        Why `exclude` leaves it out; empty where it does not.
    without_onset : ndarray of bool
        It names a picture, but has no onset.
    empty : ndarray of bool
        It shows a screen without a picture, excluded or not.
    notes : list of str
        How many rows are left out as what.
    """

    shown: np.ndarray
    blank: np.ndarray
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
    images = table.column(columns.image)
    excluded = np.array(reasons, dtype=object)
    words = {value.strip().casefold() for value in settings.blank_values}
    blank = np.array([means_no_picture(text, words, pictures) for text in images])
    said = np.array([_says_blank(reason, words) for reason in reasons])
    onset = np.array([not is_empty(text) for text in table.column(columns.onset.name)])
    kept = excluded == ""
    return RowKinds(
        shown=kept & ~blank & onset,
        blank=(kept & blank | said) & onset,
        excluded=excluded,
        without_onset=kept & ~blank & ~onset,
        empty=blank | said,
        notes=_notes(table, images, kept & blank & onset, kept & blank & ~onset),
    )


def means_no_picture(text: str, words: set[str], pictures: PictureNames) -> bool:
    """Whether a value means no picture; one that is a picture's name never does."""
    value = whole_number(text)
    plain = text.casefold() if value is None else str(value)
    return plain in words and pictures.find(text) is None


def _says_blank(reason: str, words: set[str]) -> bool:
    """Whether a row was excluded as a blank, such as by type = blank."""
    return reason.partition(" = ")[2].casefold() in words - {"", "-1", "nan", "none"}


def _notes(table: LogTable, images: list[str], blank: np.ndarray, nothing: np.ndarray) -> list[str]:
    notes = []
    if blank.any():
        counts = Counter(images[row] or "empty" for row in np.flatnonzero(blank)).most_common()
        listed = ", ".join(f"{count} × {value}" for value, count in counts)
        number, verb = counted(int(blank.sum()), "row"), "is" if blank.sum() == 1 else "are"
        notes.append(f"{number} without a picture {verb} left out as blanks ({listed}).")
    if nothing.any():
        first = int(np.flatnonzero(nothing)[0])
        notes.append(
            f"Passed over: {counted(int(nothing.sum()), 'row')} without picture and onset, the "
            f"first in {table.line_word} {table.lines[first]}."
        )
    return notes

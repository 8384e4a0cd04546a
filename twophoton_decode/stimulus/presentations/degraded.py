"""Pictures that are degraded versions of others, as a table says: of which, how, and seen when."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import SettingsError, StimulusLogError
from twophoton_decode.stimulus.presentations.blanks import means_no_picture
from twophoton_decode.stimulus.presentations.picture_numbers import PictureNumbers
from twophoton_decode.stimulus.presentations.pictures import PictureNames, picture_indices
from twophoton_decode.stimulus.tables.numbers import is_empty, whole_number
from twophoton_decode.words import counted_are

_FAMILIAR = dict.fromkeys(("familiar", "yes", "true", "1"), 1)
_FAMILIAR |= dict.fromkeys(("unfamiliar", "no", "false", "0"), 0)
_PHASE = {"before": 0, "after": 1}
NONE = -1
_NAMED = 5
"""At most so many pictures are named in a note."""


@dataclass(frozen=True)
class DegradedColumns:
    """Names of the columns, empty where there is none: `[deep] degraded_column` and so on."""

    original: str
    familiar: str = ""
    phase: str = ""
    degradation: str = ""


@dataclass(frozen=True, eq=False)
class PictureRows:
    """Rows of a table that say something of pictures.

    Attributes
    ----------
    image : ndarray of int, shape (rows,)
        The picture of each row.
    columns : mapping of str to sequence of str
    where : sequence of str
        Where each row stands, for messages: ``log.csv, line 3``.
    table : str
        What the table is called.
    """

    image: np.ndarray
    columns: Mapping[str, Sequence[str]]
    where: Sequence[str]
    table: str

    def texts(self, column: str, setting: str) -> list[str]:
        """A column without the blanks around its values, its name in whatever capitals.

        Raises
        ------
        SettingsError
            There is none, or several that differ in capitals only.
        """
        found = [each for each in self.columns if each.casefold() == column.casefold()]
        name = column if column in self.columns else found[0] if len(found) == 1 else None
        if name is None:
            raise SettingsError(
                f"{setting} under [deep] names the column {column!r}, but the columns of "
                f"{self.table} that are not used yet are {', '.join(self.columns) or 'none'}."
            )
        return [text.strip() for text in self.columns[name]]


@dataclass(frozen=True, eq=False)
class DegradedPictures:
    """What is known of every picture.

    Attributes
    ----------
    original : ndarray of int, shape (pictures,)
        Index of the original of a degraded picture; -1 for originals.
    familiar : ndarray of int, shape (pictures,)
        1 where the animal had seen the original, 0 where not, -1 where nothing says so.
    degradation : ndarray of str, shape (pictures,)
        How it was made, as the table says; empty where it does not.
    phase : ndarray of int, shape (rows,)
        0 before and 1 after the animal saw the original, -1 for other rows.
    notes : list of str
    """

    original: np.ndarray
    familiar: np.ndarray
    degradation: np.ndarray
    phase: np.ndarray
    notes: list[str]


def read_degraded(
    rows: PictureRows,
    names: PictureNames,
    numbers: PictureNumbers,
    columns: DegradedColumns,
    nothing: Collection[str] = (),
) -> DegradedPictures:
    """Which pictures are degraded, and what else the table says of them.

    Parameters
    ----------
    rows : PictureRows
    names, numbers : PictureNames, PictureNumbers
        The pictures, and how numbers that refer to them are read.
    columns : DegradedColumns
    nothing : collection of str
        Words for no original, beside empty cells: `blank_values` under ``[log]``.

    Raises
    ------
    StimulusLogError
        An original that is not among the pictures, or is degraded itself; no degraded picture;
        rows that contradict each other; a word that is not understood.
    SettingsError
        There is no such column.
    """
    original, notes = _originals(rows, names, numbers, columns.original, nothing)
    degraded = original != NONE
    familiar = np.full(len(original), NONE)
    degradation = np.zeros(len(original), dtype=object)
    degradation[:] = ""
    if columns.familiar:
        known = _familiarities(rows, columns.familiar, degraded)
        for picture, row in _rows_of(rows, known, columns.familiar, "familiar_column", names):
            familiar[picture] = known[row]
        _refuse_half_familiar(original, familiar, names.names, rows.table)
        notes += _unassigned(np.flatnonzero(degraded & (familiar == NONE)), names.names)
    if columns.degradation:
        texts = rows.texts(columns.degradation, "degradation_column")
        made = {row: texts[row].casefold() for row in _of(rows, degraded)}
        for picture, row in _rows_of(rows, made, columns.degradation, "degradation_column", names):
            degradation[picture] = "" if is_empty(texts[row]) else texts[row]
    phase = _phases(rows, columns.phase, degraded)
    return DegradedPictures(original, familiar, degradation.astype(str), phase, notes)


def _originals(
    rows: PictureRows,
    names: PictureNames,
    numbers: PictureNumbers,
    column: str,
    nothing: Collection[str],
) -> tuple[np.ndarray, list[str]]:
    """Index of each picture's original, -1 for originals, (pictures,); and notes."""
    texts, words = rows.texts(column, "degraded_column"), {each.casefold() for each in nothing}
    given = {row: "" if _names_none(text, words, names) else text for row, text in enumerate(texts)}
    named = {
        picture: texts[row]
        for picture, row in _rows_of(rows, given, column, "degraded_column", names)
        if given[row]
    }
    if not named:
        raise StimulusLogError(
            f"{rows.table}: the column {column} names no original. Write the name of its original "
            "at every degraded picture, and leave the column empty elsewhere."
        )
    where = [f"{rows.table}, original of {names.names[picture]}" for picture in named]
    found, notes = picture_indices(list(named.values()), names, numbers, where)
    original = np.full(len(names.names), NONE)
    original[list(named)] = found
    for picture, of in zip(named, found.tolist(), strict=True):
        if of == picture or original[of] != NONE:
            what = "itself" if of == picture else f"{names.names[of]}, which is degraded too"
            raise StimulusLogError(
                f"{rows.table}: the original of {names.names[picture]} is {what}. Name the intact "
                f"picture in the column {column}, and leave it empty for intact pictures."
            )
    return original, notes


def _names_none(text: str, words: set[str], names: PictureNames) -> bool:
    """Whether a cell names no original: tables of numbers have NaN or -1 where others are empty."""
    return (is_empty(text) and names.find(text) is None) or means_no_picture(text, words, names)


def _of(rows: PictureRows, pictures: np.ndarray) -> list[int]:
    """The rows of the pictures that a mask (pictures,) chooses."""
    return np.flatnonzero(pictures[rows.image]).tolist()


def _rows_of(
    rows: PictureRows,
    said: Mapping[int, Hashable],
    column: str,
    setting: str,
    names: PictureNames,
) -> list[tuple[int, int]]:
    """Pictures with their first row among those of `said`; their other rows say the same."""
    texts, first = rows.texts(column, setting), dict[int, int]()
    for row, what in said.items():
        picture = int(rows.image[row])
        known = first.setdefault(picture, row)
        if said[known] != what:
            raise StimulusLogError(
                f"{rows.where[row]}: {names.names[picture]} has {texts[row]!r} in the column "
                f"{column}, but {texts[known]!r} in {rows.where[known]}. {setting} under [deep] "
                "names a column that says the same at every presentation of a picture."
            )
    return list(first.items())


def _familiarities(rows: PictureRows, column: str, degraded: np.ndarray) -> dict[int, int]:
    """1, 0, or -1 where nothing says so, of the rows of degraded pictures."""
    texts = rows.texts(column, "familiar_column")
    return {row: _familiarity(texts[row], rows.where[row], column) for row in _of(rows, degraded)}


def _familiarity(text: str, where: str, column: str) -> int:
    value = whole_number(text)
    plain = text.casefold() if value is None else str(value)
    if plain in _FAMILIAR:
        return _FAMILIAR[plain]
    if is_empty(text) or value == NONE:
        return NONE
    raise StimulusLogError(
        f"{where}: expected familiar or unfamiliar, yes or no, true or false, 1 or 0 in the column "
        f"{column}, found {text!r}. Leave it empty for pictures that were not assigned."
    )


def _refuse_half_familiar(
    original: np.ndarray, familiar: np.ndarray, names: list[str], table: str
) -> None:
    """An original is familiar or not, however many degraded versions it has."""
    first: dict[int, int] = {}
    for picture in np.flatnonzero(original != NONE).tolist():
        known = first.setdefault(int(original[picture]), picture)
        if familiar[known] != familiar[picture]:
            word = "familiar" if 1 in familiar[[known, picture]] else "unfamiliar"
            raise StimulusLogError(
                f"{table}: {names[known]} and {names[picture]} have the same original, "
                f"{names[original[picture]]}, but only one of them is {word}. The animal had "
                "seen the original before or not: write the same for all of its versions."
            )


def _phases(rows: PictureRows, column: str, degraded: np.ndarray) -> np.ndarray:
    """Before and after, of each row, (rows,); -1 for originals."""
    phase = np.full(len(rows.image), NONE)
    texts = rows.texts(column, "phase_column") if column else []
    for row, text in enumerate(texts):
        if not degraded[rows.image[row]]:
            continue
        if text.casefold() not in _PHASE:
            raise StimulusLogError(
                f"{rows.where[row]}: expected before or after in the column {column}, found "
                f"{text!r}."
            )
        phase[row] = _PHASE[text.casefold()]
    return phase


def _unassigned(pictures: np.ndarray, names: list[str]) -> list[str]:
    if not pictures.size:
        return []
    named = ", ".join(names[picture] for picture in pictures[:_NAMED])
    more = ", …" if pictures.size > _NAMED else ""
    return [
        f"{counted_are(pictures.size, 'degraded picture')} neither familiar nor unfamiliar, and in "
        f"no test: {named}{more}."
    ]

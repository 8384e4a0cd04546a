"""Files of labels: numbers or names, from arrays, text or a column of a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ResponseError, UsageError
from twophoton_decode.files.array import open_array
from twophoton_decode.files.arrays.names import SUFFIXES

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
TITLES = frozenset(
    ("group", "groups", "image", "images", "image_name", "label", "labels", "picture", "stimulus")
)


def read_labels(path: Path, key: str = "") -> np.ndarray:
    """The labels of all presentations, as numbers or as text, shape (label,).

    Parameters
    ----------
    path : Path
        An .npy, .npz, .mat or .h5 file, of numbers or names; or .csv, .tsv or .txt with one
        label a line, or with a column called `key`.
    key : str
        Which array or column.

    Raises
    ------
    UsageError
        No such file, array or column.
    ResponseError
        A file that cannot be read, or labels along two axes.
    """
    if path.suffix.lower() in TEXT_SUFFIXES:
        return _text_column(path, key)
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: expected labels in a file ending in {', '.join(SUFFIXES)}.")
    labels = open_array(path, key, texts=True).values
    if labels.dtype.kind == "S":
        labels = labels.astype(str)
    if labels.ndim > 1 and sum(n > 1 for n in labels.shape) > 1:
        raise ResponseError(
            f"{path}: expected labels along one axis, one for each presentation, found "
            f"{' × '.join(map(str, labels.shape))}. Lay them out in the order of the presentations."
        )
    return labels.ravel()


def read_groups(path: Path, key: str, images: int, what: str = "group") -> np.ndarray:
    """The group of each picture, shape (images,), -1 where its label is empty or NaN.

    Parameters
    ----------
    path, key : Path, str
        As `read_labels` takes them; one label for each picture, in the pictures' order.
    images : int
        Number of pictures.
    what : str
        What the labels are, for the error.

    Raises
    ------
    ResponseError
        Labels for another number of pictures.
    UsageError
        As `read_labels`.
    """
    label = read_labels(path, key)
    if label.size != images:
        raise ResponseError(
            f"{path}: expected a {what} for each of the {images} pictures, found {label.size}."
        )
    none = label == "" if label.dtype.kind in "UO" else np.isnan(label.astype(float))
    group = np.full(images, -1, dtype=np.int64)
    group[~none] = np.unique(label[~none], return_inverse=True)[1]
    return group


def _text_column(path: Path, key: str) -> np.ndarray:
    """One column of a text file; blank lines within it are labels of nothing."""
    rows = _rows(path, table=bool(key))
    widths = {len(row) for row in rows}
    if key:
        header = [cell.strip() for cell in rows[0]]
        if key not in header:
            raise UsageError(f"{path} has no column {key!r}; its header is {', '.join(header)}.")
        place, rows = header.index(key), rows[1:]
    elif max(widths) > 1:
        raise UsageError(
            f"{path} has {max(widths)} columns; name one of its header, such as {path.name}=image."
        )
    else:
        place, rows = 0, rows[_is_header(rows) :]
    short = [number for number, row in enumerate(rows, 1) if len(row) <= place]
    if short:
        raise ResponseError(f"{path}, row {short[0]}: expected a value in column {place + 1}.")
    return np.array([row[place].strip() for row in rows], dtype=str)


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first of one-word lines is a title: a known one, or a word above numbers."""
    first, *others = (row[0].strip().lower() for row in rows)
    above_numbers = bool(others) and all(_is_number(text) for text in others if text)
    return first in TITLES or (bool(first) and not _is_number(first) and above_numbers)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _rows(path: Path, *, table: bool) -> list[list[str]]:
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as failure:
        raise ResponseError(f"{path} cannot be read as text in UTF-8: {failure}") from failure
    if not text.strip():
        raise ResponseError(f"{path} holds no labels.")
    # In a table, tabs at the end of a line are empty cells.
    lines = text.rstrip(" \r\n" if table else None).splitlines()
    first = next(line for line in lines if line.strip())
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=max("\t,;", key=first.count))
    try:
        return [row or [""] for row in reader]
    except csv.Error as failure:
        raise ResponseError(f"{path} cannot be read as a table: {failure}") from failure

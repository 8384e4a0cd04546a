"""Files of labels: numbers or names, from arrays, text or a column of a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import h5py
import numpy as np
import scipy.io

from twophoton_decode.errors import ResponseError, TpDecodeError, UsageError
from twophoton_decode.recording.array_file import SUFFIXES, read_array

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
TITLES = frozenset(("image", "images", "image_name", "label", "labels", "picture", "stimulus"))


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
        raise UsageError(
            f"{path}: expected labels in a file ending in {', '.join((*TEXT_SUFFIXES, *SUFFIXES))}."
        )
    labels = _names(path, key)
    if labels is None:
        labels = read_array(path, key)
    if labels.ndim > 1 and sum(n > 1 for n in labels.shape) > 1:
        raise ResponseError(
            f"{path}: expected labels along one axis, one for each presentation, found "
            f"{' × '.join(map(str, labels.shape))}. Lay them out in the order of the presentations."
        )
    return labels.ravel()


def _names(path: Path, key: str) -> np.ndarray | None:
    """Labels that are text; None where the file holds numbers, or cannot be read here."""
    try:
        found = _READERS[path.suffix.lower()](path, key)
    except (KeyError, OSError, ValueError, TypeError, EOFError, TpDecodeError):
        return None  # `read_array` says what is wrong.
    return found.astype(str) if found is not None and found.dtype.kind in "US" else None


def _npy(path: Path, key: str) -> np.ndarray | None:
    return None if key else np.asarray(np.load(path, allow_pickle=False))


def _npz(path: Path, key: str) -> np.ndarray | None:
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        names = [key] if key else file.files
        return np.asarray(file[names[0]]) if len(names) == 1 else None


def _mat(path: Path, key: str) -> np.ndarray | None:
    """A cell array of texts, or a matrix of characters, from MATLAB before v7.3."""
    arrays = {k: v for k, v in scipy.io.loadmat(path).items() if not k.startswith("__")}
    names = [key] if key else list(arrays)
    if len(names) != 1 or arrays[names[0]].dtype.kind not in "OU":
        return None
    values = arrays[names[0]]
    texts = [np.asarray(v).ravel() for v in values.ravel()] if values.dtype == object else None
    if texts is None:
        return np.char.strip(values)
    if any(text.dtype.kind != "U" or text.size > 1 for text in texts):
        return None
    return np.array([str(text[0]) if text.size else "" for text in texts]).reshape(values.shape)


def _h5(path: Path, key: str) -> np.ndarray | None:
    with h5py.File(path, "r") as file:
        names = [key] if key else list(file)
        dataset = file[names[0]] if len(names) == 1 else None
        if not isinstance(dataset, h5py.Dataset) or h5py.check_string_dtype(dataset.dtype) is None:
            return None
        return np.asarray(dataset.asstr()[()], dtype=str)


_READERS = {".npy": _npy, ".npz": _npz, ".mat": _mat, ".h5": _h5, ".hdf5": _h5}


def _text_column(path: Path, key: str) -> np.ndarray:
    """One column of a text file; blank lines within it are labels of nothing."""
    rows = _rows(path)
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


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as failure:
        raise ResponseError(f"{path} cannot be read as text in UTF-8: {failure}") from failure
    lines = text.rstrip().splitlines()
    if not lines:
        raise ResponseError(f"{path} holds no labels.")
    first = next(line for line in lines if line.strip())
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=max("\t,;", key=first.count))
    try:
        return [row or [""] for row in reader]
    except csv.Error as failure:
        raise ResponseError(f"{path} cannot be read as a table: {failure}") from failure

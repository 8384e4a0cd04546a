"""Which ROIs a user wants, written down by hand or by another program."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twophoton_decode.errors import CellListError
from twophoton_decode.files.array import read_array
from twophoton_decode.files.damage.read_errors import readable

_INDEX = re.compile(r"[+-]?[0-9]{1,18}")
_LONGEST_SHOWN = 40


def read_cell_list(path: Path, plane: np.ndarray) -> np.ndarray:
    """Indices of the ROIs that `path` names, rising; the first ROI is 0.

    Text has one index a line, and may hold comments after ``#``. CSV or TSV has a column
    ``roi``, and any others; a column ``plane`` must agree with the ROIs. An ``.npy`` file
    holds indices, a truth value for each ROI, or suite2p's ``iscell.npy``.

    Parameters
    ----------
    plane : ndarray of int, shape (roi,)
        Plane of every ROI. ROIs are counted over all planes.

    Raises
    ------
    CellListError
        The file cannot be read, or names no ROI, one twice, or one that does not exist.
    """
    if path.suffix.lower() == ".npy":
        found = _from_array(read_array(path, error=CellListError), path, plane.size)
    elif path.suffix.lower() in (".csv", ".tsv"):
        found = _from_table(path, plane)
    else:
        found = _from_lines(path)
    _check(found, path, plane.size)
    return np.sort(found)


def _check(found: np.ndarray, path: Path, rois: int) -> None:
    if not found.size:
        raise CellListError(f"{path} names no ROI; at least one is needed.")
    _refuse_outside(found, path, rois)
    values, times = np.unique(found, return_counts=True)
    if (times > 1).any():
        raise CellListError(
            f"{path} names {(times > 1).sum()} ROIs more than once, the first being "
            f"{values[times > 1][0]}. Leave each in once."
        )


def _refuse_outside(found: np.ndarray, path: Path, rois: int) -> None:
    outside = found[(found < 0) | (found >= rois)]
    if outside.size:
        hint = " Does the list count from 1? The first ROI is 0." if found.max() == rois else ""
        first = f"{outside[0]:.15g}" if outside.dtype.kind == "f" else outside[0]
        raise CellListError(
            f"{path} names ROI {first}, but the session has the ROIs 0 to {rois - 1}.{hint}"
        )


def _from_array(values: np.ndarray, path: Path, rois: int) -> np.ndarray:
    """Indices from an array of them, of truth values, or of cells and probabilities."""
    marks = _marked(values, path) if values.ndim == 2 and values.shape[1] == 2 else values
    if marks.ndim != 1:
        raise CellListError(
            f"{path} has the shape {values.shape}; expected one value an ROI, a list of indices, "
            "or suite2p's iscell with two columns."
        )
    if marks.dtype == bool:
        if marks.size != rois:
            raise CellListError(
                f"{path} says yes or no to {marks.size} ROIs, but the session has {rois}. Were "
                "ROIs drawn, merged or detected again since it was written?"
            )
        return np.flatnonzero(marks)
    if not np.isfinite(marks).all() or (marks != np.round(marks)).any():
        raise CellListError(f"{path}: indices of ROIs must be whole numbers.")
    # Before they are cast: what no integer holds would become another ROI.
    _refuse_outside(marks, path, rois)
    return marks.astype(np.int64)


def _marked(iscell: np.ndarray, path: Path) -> np.ndarray:
    """Truth values from suite2p's iscell: 0 or 1, and a probability, NaN where it has none."""
    is_cell, probability = iscell.T
    if not np.isin(is_cell, (0, 1)).all() or ((probability < 0) | (probability > 1)).any():
        raise CellListError(
            f"{path} has two columns, but not those of suite2p's iscell: expected 0 or 1, and a "
            "probability from 0 to 1. It is damaged, or not an iscell file."
        )
    return is_cell == 1


def _from_lines(path: Path) -> np.ndarray:
    lines = [line.partition("#")[0].strip() for line in _text(path).splitlines()]
    found = [_index(line, path, number) for number, line in enumerate(lines, 1) if line]
    return np.array(found, dtype=np.int64)


def _from_table(path: Path, plane: np.ndarray) -> np.ndarray:
    text = _text(path)
    separator = max(",;\t", key=text.partition("\n")[0].count)
    with readable(path, "a table of ROIs", CellListError, "Write the list again."):
        table = csv.DictReader(io.StringIO(text), delimiter=separator, restval="")
        table.fieldnames = header = [name.strip() for name in table.fieldnames or ()]
        rows = [(table.line_num, row) for row in table if any(row.values())]
    if "roi" not in header:
        raise CellListError(
            f"{path}: expected a column roi, found {', '.join(header) or 'nothing'}. A list "
            "without a header is a text file (.txt)."
        )
    found = [_index(row["roi"].strip(), path, line) for line, row in rows]
    if "plane" in header:
        wanted = [_index(row["plane"].strip(), path, line) for line, row in rows]
        _check_planes(found, wanted, plane, path)
    return np.array(found, dtype=np.int64)


def _check_planes(
    found: Sequence[int], wanted: Sequence[int], plane: np.ndarray, path: Path
) -> None:
    for roi, claimed in zip(found, wanted, strict=True):
        if 0 <= roi < plane.size and plane[roi] != claimed:
            raise CellListError(
                f"{path} puts ROI {roi} in plane {claimed}, but it lies in plane {plane[roi]}. "
                "ROIs are counted over all planes, as in field_of_view.csv."
            )


def _index(text: str, path: Path, line: int) -> int:
    if _INDEX.fullmatch(text):
        return int(text)
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    raise CellListError(f"{path}, line {line}: expected the index of an ROI, found {shown!r}.")


def _text(path: Path) -> str:
    if not path.is_file():
        raise CellListError(f"{path} is no file: expected a list of ROIs.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CellListError(f"{path} cannot be read as text ({error}).") from error

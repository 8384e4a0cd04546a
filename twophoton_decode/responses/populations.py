"""Which population each cell belongs to: a brain area, a layer, a cell type."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from twophoton_decode.errors import CellListError

_COLUMNS = ("roi", "population")


def read_populations(path: Path, cells: np.ndarray, count: int) -> tuple[np.ndarray, list[str]]:
    """The population of each cell, empty where the file names none, and a note on those.

    Parameters
    ----------
    path : Path
        CSV with the columns ``roi`` and ``population``, and any others. ROIs count from 0; of
        imported arrays they are the places along the axis of cells.
    cells : ndarray of int, shape (cell,)
        The ROI of each cell.
    count : int
        How many ROIs there are.

    Raises
    ------
    CellListError
        The file cannot be read, lacks a column, or names an ROI twice, or one that is not there.
    """
    named: dict[int, str] = {}
    for line, roi, population in _rows(path):
        if not roi.isdecimal() or int(roi) >= count:
            raise CellListError(
                f"{path}, line {line}: expected an ROI from 0 to {count - 1}, found {roi!r}."
            )
        if int(roi) in named:
            raise CellListError(f"{path}, line {line}: ROI {roi} is named twice.")
        named[int(roi)] = population
    found = np.array([named.get(int(cell), "") for cell in cells], dtype=str)
    without = int((found == "").sum())
    notes = [f"{without} of {len(found)} cells belong to no population in {path.name}."]
    return found, notes if without else []


def _rows(path: Path) -> list[tuple[int, str, str]]:
    """Line, ROI and population of each row."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CellListError(f"{path} cannot be read as text ({error}).") from error
    separator = max(",;\t", key=text.partition("\n")[0].count)
    table = csv.DictReader(io.StringIO(text), delimiter=separator, restval="")
    table.fieldnames = header = [name.strip() for name in table.fieldnames or ()]
    missing = [name for name in _COLUMNS if name not in header]
    if missing:
        raise CellListError(
            f"{path}: expected the columns roi and population, found "
            f"{', '.join(header) or 'nothing'}."
        )
    rows = [
        (table.line_num, (row["roi"] or "").strip(), (row["population"] or "").strip())
        for row in table
        if any(row.values())
    ]
    if not rows:
        raise CellListError(f"{path} names no ROI.")
    return rows


def by_population(population: np.ndarray | None, cells: int) -> dict[str, np.ndarray]:
    """The cells of each population, by name; all cells are one where none is named."""
    if population is None:
        return {"all cells": np.arange(cells)}
    names = [name for name in dict.fromkeys(population.tolist()) if name]
    return {name: np.flatnonzero(population == name) for name in sorted(names)}

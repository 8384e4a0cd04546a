"""Responses that are missing: whole presentations, or in some cells only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from twophoton_decode.errors import ResponseError
from twophoton_decode.words import in_percent

Policy = Literal["cell-mean", "drop-cells", "drop-presentations", "refuse"]
OPTION = "partial_missing under [responses], or --partial"


def marked_missing(rows: np.ndarray, markers: Sequence[float]) -> tuple[np.ndarray, list[str]]:
    """`rows` (presentation, cell) with NaN where a value of `markers` says "missing".

    A marker counts where it stands in every cell of a presentation. In single cells it
    counts if no other value lies beyond it, as with 1e20 or with -1 among rates; zero
    never does, since a silent cell is not a missing one [ours].
    """
    notes = []
    for marker in (each for each in markers if not np.isnan(each)):
        here = np.isclose(rows, marker, rtol=1e-6, atol=0.0)
        whole = (here | np.isnan(rows)).all(axis=1) & here.any(axis=1)
        found = whole[:, None] & here
        if marker != 0 and _beyond(rows[~here], marker):
            found = here
        rows = np.where(found, np.nan, rows)
        single = int(found.sum()) - int((whole[:, None] & here).sum())
        notes.append(
            f"{marker:g} means missing: it stands in every cell of {whole.sum()} presentations, "
            f"and was taken as missing in {single} single responses."
        )
    return rows, notes


def _beyond(others: np.ndarray, marker: float) -> bool:
    known = others[np.isfinite(others)]
    return bool(known.size) and not known.min() <= marker <= known.max()


@dataclass(frozen=True, eq=False)
class Completed:
    """A matrix without gaps.

    Attributes
    ----------
    response : ndarray, shape (presentation, cell)
        All presentations and cells that are kept.
    filled : ndarray of bool, shape (presentation, cell), or None
        Where the response was missing; None where nothing was.
    presentations, cells : ndarray of int
        Those that are kept, counted in the given matrix.
    notes : list of str
    """

    response: np.ndarray
    filled: np.ndarray | None
    presentations: np.ndarray
    cells: np.ndarray
    notes: list[str]


def completed(rows: np.ndarray, policy: Policy, path: Path) -> Completed:
    """`rows` (presentation, cell) with NaN in some cells, as decoders can use them.

    ``"cell-mean"`` puts the cell's mean over all its presentations in the place of a missing
    response. That mean knows nothing about which image was shown, so it can carry nothing
    about an image from training into a test. The other policies leave out cells or
    presentations with a gap, or refuse. Cells without any response are always left out.

    Raises
    ------
    ResponseError
        Gaps that are refused, or nothing left.
    """
    gaps = np.isnan(rows)
    if not gaps.any():
        return Completed(rows, None, np.arange(len(rows)), np.arange(rows.shape[1]), [])
    if policy == "refuse":
        raise ResponseError(_refusal(gaps, path))
    cells = np.flatnonzero(~gaps.all(axis=0))
    notes = _empty_cells(gaps)
    presentations = np.arange(len(rows))
    if policy == "drop-cells":
        notes.append(f"{_share(gaps)} {gaps.any(axis=0).sum()} cells with a gap are left out.")
        cells = np.flatnonzero(~gaps.any(axis=0))
    elif policy == "drop-presentations":
        presentations = np.flatnonzero(~gaps[:, cells].any(axis=1))
        notes.append(f"{_share(gaps)} {len(rows) - presentations.size} presentations with a gap "
                     "are left out.")  # fmt: skip
    if not presentations.size or not cells.size:
        raise ResponseError(
            f"{path}: {policy} leaves {presentations.size} presentations of {cells.size} cells. "
            f"Choose another way to treat gaps: {OPTION}."
        )
    kept = rows[np.ix_(presentations, cells)]
    filled = np.isnan(kept)
    if not filled.any():
        return Completed(kept, None, presentations, cells, notes)
    notes += _filled_notes(filled)
    response = np.where(filled, np.nanmean(kept, axis=0), kept)
    return Completed(response, filled, presentations, cells, notes)


def _refusal(gaps: np.ndarray, path: Path) -> str:
    row, cell = np.argwhere(gaps)[0]
    return (
        f"{path}: {_share(gaps)} The first is at presentation {row}, cell {cell} (counted from 0). "
        f"Choose cell-mean, drop-cells or drop-presentations: {OPTION}."
    )


def _share(gaps: np.ndarray) -> str:
    return (
        f"{gaps.sum()} of {gaps.size} responses ({in_percent(gaps.mean(), 2)}) are missing, in "
        f"{gaps.any(axis=0).sum()} of {gaps.shape[1]} cells and {gaps.any(axis=1).sum()} of "
        f"{gaps.shape[0]} presentations."
    )


def _empty_cells(gaps: np.ndarray) -> list[str]:
    empty = np.flatnonzero(gaps.all(axis=0))
    if not empty.size:
        return []
    more = ", …" if empty.size > 5 else ""
    return [
        f"{empty.size} cells have no response at all and are left out: "
        f"{', '.join(map(str, empty[:5]))}{more} (counted from 0)."
    ]


def _filled_notes(filled: np.ndarray) -> list[str]:
    notes = [
        f"{_share(filled)} Statistics of single cells leave them out; encoding models and "
        f"decoders use the cell's mean over all presentations instead ({OPTION})."
    ]
    for axis, what, of_what in ((0, "cells", "presentations"), (1, "presentations", "cells")):
        mostly = np.count_nonzero(filled.mean(axis=axis) > 0.5)
        if mostly:
            notes.append(f"{mostly} {what} miss more than half of their {of_what}.")
    return notes

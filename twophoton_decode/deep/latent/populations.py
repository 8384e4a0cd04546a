"""Which cells codes and contents are decoded from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import AnalysisError
from twophoton_decode.words import counted

FEWEST_CELLS = 10
ALL = "all"


@dataclass(frozen=True, eq=False)
class Sources:
    """Cells of the code z and of the content c.

    Attributes
    ----------
    of_code, of_content : ndarray of int
    code_name, content_name : str
    notes : tuple of str
    """

    of_code: np.ndarray
    of_content: np.ndarray
    code_name: str
    content_name: str
    notes: tuple[str, ...]


def sources(cells: int, population: np.ndarray | None, code: str, content: str) -> Sources:
    """z from the first population and c from the second, in the order of their first cells.

    Names of populations, or "all", take their place. Where a session has one population or
    none, both are decoded from all cells, which is said.

    Parameters
    ----------
    population : ndarray of str, shape (cells,), or None
    code, content : str
        Names the user gives; empty: as above.

    Raises
    ------
    AnalysisError
        There is no such population, or it has fewer than ten cells.
    """
    label = np.full(cells, "") if population is None else population
    known = [name for name in dict.fromkeys(label.tolist()) if name]
    several = len(known) > 1
    names = (code or (known[0] if several else ALL), content or (known[1] if several else ALL))
    chosen = [np.arange(cells) if each == ALL else np.flatnonzero(label == each) for each in names]
    for name, found in zip(names, chosen, strict=True):
        if name not in (ALL, *known):
            raise AnalysisError(
                f"no population is called {name!r}; known are {', '.join([*known, ALL])}. Change "
                "z_population or c_population in [deep]."
            )
        if len(found) < FEWEST_CELLS:
            raise AnalysisError(
                f"the population {name} has {counted(len(found), 'cell')}; {FEWEST_CELLS} or more "
                "are needed. Change z_population or c_population in [deep]."
            )
    return Sources(chosen[0], chosen[1], names[0], names[1], (_told(names, several),))


def _told(names: tuple[str, str], several: bool) -> str:
    if several:
        return f"z is decoded from {names[0]}, c from {names[1]}."
    return "z and c are decoded from all cells: the session has no two populations."


def large_populations(
    cells: int, population: np.ndarray | None
) -> tuple[dict[str, np.ndarray], list[str]]:
    """The cells of every population of ten or more, and which are smaller.

    Where cells have no populations, all of them are one.

    Raises
    ------
    AnalysisError
        There is none of ten cells.
    """
    label = np.full(cells, "") if population is None else population
    known = [name for name in dict.fromkeys(label.tolist()) if name] or [ALL]
    every = {
        name: np.arange(cells) if name == ALL else np.flatnonzero(label == name) for name in known
    }
    small = [
        f"{name} ({counted(len(own), 'cell')})"
        for name, own in every.items()
        if len(own) < FEWEST_CELLS
    ]
    if len(small) == len(every):
        raise AnalysisError(
            f"populations of {FEWEST_CELLS} or more cells are compared; found {', '.join(small)}. "
            "Change populations_file in [responses], or record more cells."
        )
    notes = [f"populations of fewer than {FEWEST_CELLS} cells are left out: {', '.join(small)}."]
    return {name: own for name, own in every.items() if len(own) >= FEWEST_CELLS}, (
        notes if small else []
    )

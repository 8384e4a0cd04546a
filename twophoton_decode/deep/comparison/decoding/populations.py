"""The populations of cells that are decoded: all together, then each that is large enough."""

from __future__ import annotations

import numpy as np

from twophoton_decode.deep.comparison.decoding.network_decoding import Shown
from twophoton_decode.errors import AnalysisError
from twophoton_decode.records.responses import Responses
from twophoton_decode.words import counted

FEWEST_CELLS = 10
ALL = "all"


def shown_to_populations(
    responses: Responses, label: np.ndarray | None = None
) -> tuple[Shown, list[str]]:
    """What was shown, and the cells of each population, with those that are too small named.

    Populations stand in the order in which their first cells do.

    Parameters
    ----------
    responses : Responses
    label : ndarray of str, shape (cells,), optional
        Population of each cell, "" for none.

    Raises
    ------
    AnalysisError
        Fewer than ten cells.
    """
    if responses.cells < FEWEST_CELLS:
        raise AnalysisError(
            f"features are decoded from {FEWEST_CELLS} or more cells; this session has "
            f"{counted(responses.cells, 'cell')}."
        )
    cells = {ALL: np.arange(responses.cells)}
    small = []
    for name in dict.fromkeys([] if label is None else label.tolist()):
        own = np.flatnonzero(label == name)
        if len(own) == responses.cells:
            continue
        if len(own) < FEWEST_CELLS:
            small.append(f"{name or 'no population'} ({counted(len(own), 'cell')})")
        elif name:
            cells[name] = own
    known = None if responses.filled is None else responses.known
    shown = Shown(responses.response, responses.image, responses.averages(), cells, known)
    if not small:
        return shown, []
    return shown, [
        f"populations of fewer than {FEWEST_CELLS} cells are not decoded by themselves: "
        f"{', '.join(small)}."
    ]

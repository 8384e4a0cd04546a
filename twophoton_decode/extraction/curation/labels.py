"""Which ROIs are cells and which are labelled, as the user's clicks in suite2p's GUI say.

The GUI opens one plane by its ``stat.npy``, or all planes by their folder. What is clicked in
the view of all planes goes to ``combined/`` only, and when that view opens again, the planes'
labels are written over it. So they are brought to the planes before.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from twophoton_decode.errors import ExtractionError
from twophoton_decode.extraction.kept.damaged import DAMAGED

CELLS, RED = "iscell.npy", "redcell.npy"
_ALL_PLANES = "combined"


def clicked_in_all_planes(planes: Sequence[Path], name: str) -> np.ndarray | None:
    """``iscell.npy`` or ``redcell.npy`` of the view of all planes, (ROIs, 2).

    None where it is not newer than the planes' own, or equal to them.
    """
    file = planes[0].parent / _ALL_PLANES / name
    own = [plane / name for plane in planes]
    if not all(each.exists() for each in (file, *own)) or _time(file) <= max(map(_time, own)):
        return None
    try:
        together = np.load(file, allow_pickle=False)
        separate = np.concatenate([np.load(each, allow_pickle=False) for each in own])
    except DAMAGED as error:
        raise ExtractionError(
            f"{file}, or {name} of a plane, cannot be read ({error}). Restore it, or remove "
            f"{file.parent}: the GUI makes it again."
        ) from error
    return None if np.array_equal(together, separate) else together


def bring_clicks_to_planes(planes: Sequence[Path]) -> None:
    """Let the planes have what was clicked in the view of all of them.

    Raises
    ------
    ExtractionError
        ROIs were merged there: no plane has them.
    """
    written = []
    for name in (CELLS, RED):
        clicked = clicked_in_all_planes(planes, name)
        if clicked is None:
            continue
        edges = np.cumsum([len(np.load(plane / name, allow_pickle=False)) for plane in planes])
        if len(clicked) != edges[-1]:
            raise ExtractionError(
                f"the view of all planes in suite2p's GUI has {len(clicked)} ROIs, the planes have "
                f"{edges[-1]} ({name}). ROIs can be drawn and merged only in the view of one "
                f"plane: do so there, and remove {planes[0].parent / _ALL_PLANES}."
            )
        for plane, labels in zip(planes, np.split(clicked, edges[:-1]), strict=True):
            written.append(plane / f"clicked_{name}")
            np.save(written[-1], labels)
    # Only when all are written: from then on the planes' files are the newer ones.
    for file in written:
        file.replace(file.with_name(file.name.removeprefix("clicked_")))


def _time(file: Path) -> int:
    return file.stat().st_mtime_ns

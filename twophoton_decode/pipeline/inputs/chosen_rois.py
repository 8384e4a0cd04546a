"""The ROIs that a user's list names, and whether it still means them."""

from __future__ import annotations

import numpy as np

from twophoton_decode.errors import SessionError
from twophoton_decode.extraction.curation.cell_list import read_cell_list
from twophoton_decode.extraction.curation.edits import is_curated, newest_change
from twophoton_decode.pipeline.inputs.sources import input_paths
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.pipeline.stages.extract import CURATED
from twophoton_decode.records import Traces

CELLS_FILE = "responses.cells_file"


def chosen_rois(work: StageInput, traces: Traces) -> np.ndarray | None:
    """The ROIs that the user's list names; None where there is no list.

    Raises
    ------
    CellListError
        The list does not fit the ROIs.
    SessionError
        ROIs were changed after their traces were read, so that their numbers may differ.
    """
    paths = input_paths(work.folder, work.settings, CELLS_FILE)
    if not paths:
        return None
    _refuse_unread_curation(work)
    return read_cell_list(paths[0], traces.plane)


def _refuse_unread_curation(work: StageInput) -> None:
    entry = work.ledger.get("extract")
    if entry and is_curated(work.folder.suite2p, entry.inputs.get("rois", "")):
        raise SessionError(
            f"{CURATED} since extraction read them, so that a list of ROIs could mean others than "
            f"it names. Run `tpdecode extract {work.folder.path}` first, then see whether the list "
            "still holds."
        )


def choice_note(rois: np.ndarray | None, traces: Traces) -> list[str]:
    """How the list differs from what is classified."""
    if rois is None:
        return []
    others = int((~traces.is_cell[rois]).sum())
    missed = int(traces.is_cell.sum()) - (rois.size - others)
    return [
        f"{rois.size} of {traces.is_cell.size} ROIs are used, as a list names them; {others} of "
        f"them are not classified as cells, and {missed} classified cells are not on the list."
    ]


def numbering_warning(work: StageInput) -> list[str]:
    """A list that is older than the ROIs may mean other ones: a drawn ROI becomes the first."""
    lists = input_paths(work.folder, work.settings, CELLS_FILE)
    rois = newest_change(work.folder.suite2p)
    if not lists or rois <= lists[0].stat().st_mtime_ns:
        return []
    return [
        f"warning: {lists[0].name} is older than the ROIs, which were detected anew, drawn or "
        "merged since; see whether its numbers still mean the same ROIs. An ROI drawn by hand in "
        "suite2p's GUI becomes ROI 0, and the numbers of all others rise by one."
    ]

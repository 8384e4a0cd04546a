"""Dim cells added to suite2p's folder, as a user would draw them in its GUI.

They count as edits from then on: what extraction found stays beside them, in a backup too.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.errors import SessionError
from twophoton_decode.extraction.curation.edits import back_up
from twophoton_decode.extraction.kept.files import MOVIE, ROIS
from twophoton_decode.extraction.suite2p.added import TO_ADD
from twophoton_decode.extraction.suite2p.output import plane_folders, read_rois
from twophoton_decode.extraction.suite2p.substeps import remove
from twophoton_decode.pipeline.deep.candidate_files import as_rois
from twophoton_decode.pipeline.deep.dim_cells import ADDED
from twophoton_decode.pipeline.inputs.movie_planes import extraction_settings
from twophoton_decode.pipeline.inputs.suite2p_process import suite2p_process
from twophoton_decode.pipeline.stage import StageInput
from twophoton_decode.records.deep.dim_cells import DimCells
from twophoton_decode.words import counted

if TYPE_CHECKING:
    from twophoton_decode.pipeline.run import Session


def look_and_add(session: Session) -> None:
    """Look for dim cells, and let those that count be ROIs like suite2p's cells.

    Raises
    ------
    SessionError
        They were added before.
    """
    from twophoton_decode.pipeline.stages.deep.dim_cells import DEEP_DETECT, FILE

    session.run_only(DEEP_DETECT.name)
    work = session.stage_input(DEEP_DETECT, "", session.verdicts())
    session.say(f"{DEEP_DETECT.name}: {add_dim_cells(work, FILE)}")
    session.run_only("extract")


def add_dim_cells(work: StageInput, file: str) -> str:
    """Add the dim cells that count, with signals of their own; what was done, in words.

    The folder is copied, changed, and put in place as a whole: one that was killed on the way
    leaves the ROIs as they were.

    Raises
    ------
    SessionError
        Dim cells were added before.
    ExtractionError
        suite2p failed.
    """
    folder = work.folder.suite2p
    planes = plane_folders(folder)
    if any(ADDED in roi for plane in planes for roi in read_rois(plane / ROIS)):
        raise SessionError(
            f"dim cells were added to {folder} before. Run `tpdecode extract {work.folder.path} "
            "--discard-curation --add-rois` to detect ROIs again and add them anew: a backup is "
            "made first."
        )
    found = work.read(DimCells, file)
    if not found.counts.any():
        return "no dim cell counts, so none was added"
    changed = folder.absolute().with_name(f"{folder.name}.adding")
    if changed.exists() or changed.is_symlink():
        remove(changed)
    shutil.copytree(folder, changed, copy_function=_linked_movie)
    with suite2p_process(work, extraction_settings(work)) as suite2p:
        for number, plane in enumerate(planes):
            rois = as_rois(found, number)
            for roi in rois:
                roi[ADDED] = True
            np.save(changed / plane.name / TO_ADD, rois)
        names = [plane.name for plane in planes]
        suite2p.run({"folder": str(changed), "offset": 0, "add": names}, work.progress)
    backup = back_up(folder)
    _put_in_place(changed, folder)
    added = counted(int(found.counts.sum()), "dim cell")
    return f"{added} added to suite2p's folder as cells; the folder as it was is {backup.name}"


def _linked_movie(source: str, target: str) -> None:
    """Nothing writes to a registered movie, so both folders can have the same one."""
    if Path(source).name == MOVIE:
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
    else:
        shutil.copy2(source, target)


def _put_in_place(changed: Path, folder: Path) -> None:
    former = folder.with_name(f"{folder.name}.replaced")
    if former.exists():
        remove(former)
    folder.rename(former)
    changed.rename(folder)
    remove(former)

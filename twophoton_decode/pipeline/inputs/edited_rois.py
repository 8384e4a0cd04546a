"""ROIs that the user edited in suite2p's GUI, and what may be done where they are."""

from __future__ import annotations

from twophoton_decode.errors import SessionError
from twophoton_decode.extraction.curation.edits import (
    back_up,
    is_as_written,
    is_curated,
    is_edited,
)
from twophoton_decode.extraction.suite2p.output import ORIGIN
from twophoton_decode.pipeline.stage import StageInput

_ASKING = (
    *("setting", "movie", "extraction.classifier", "extraction.suite2p_settings"),
    "register changed",
)
"""How changes begin that ask for other ROIs. That the program was improved is no reason to lose
what the user did."""


def edits_stand(work: StageInput, stage: str) -> bool:
    """Whether the user has edited ROIs and nothing asks `stage` to make others."""
    if work.discard_curation or stage not in work.ledger:
        return False
    anew = any(change.startswith(_ASKING) for change in work.changes)
    return not anew and rois_are_edited(work)


def rois_are_edited(work: StageInput) -> bool:
    """By what lies beside the ROIs, as the ledger knows nothing of a run that was killed after
    it had detected them; by the ledger where that is lost.
    """
    folder = work.folder.suite2p
    if (folder / ORIGIN).exists():
        return is_edited(folder)
    former = work.ledger.get("extract")
    return former is not None and is_curated(folder, former.inputs.get("rois", ""))


def refuse_to_replace_edits(work: StageInput) -> None:
    """`SessionError` where ROIs were edited, unless the user wants others."""
    if rois_are_edited(work) and not work.discard_curation:
        why = "; ".join(work.changes) or "there is no record of how they were made"
        raise SessionError(
            "the ROIs were edited in suite2p's GUI, and extracting again would replace them "
            f"({why}). Undo that change to keep them, or run `tpdecode extract "
            f"{work.folder.path} --discard-curation`: a backup is made first."
        )


def back_up_edits(work: StageInput) -> None:
    """Copy ROIs that are not just what detection wrote."""
    if work.folder.suite2p.exists() and not is_as_written(work.folder.suite2p):
        back_up(work.folder.suite2p)

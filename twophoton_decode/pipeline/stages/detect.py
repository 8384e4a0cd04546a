"""Registered movie to ROIs and their traces, in suite2p's folder."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput
from twophoton_decode.pipeline.stages.register import OF_EXTRACTION
from twophoton_decode.settings import ExtractionSettings

if TYPE_CHECKING:
    from twophoton_decode.pipeline.plan.movie import PlannedMovie


def run(work: StageInput) -> StageOutput:
    """Detect ROIs, extract and deconvolve their traces, classify them.

    Nothing is done where the user edited ROIs and nothing asks for others. Where the
    registered movie is gone, motion is corrected again.
    """
    from twophoton_decode.pipeline.inputs.edited_rois import (
        back_up_edits,
        edits_stand,
        refuse_to_replace_edits,
    )
    from twophoton_decode.pipeline.plan.movie import movie_facts

    former = work.ledger.get("detect")
    if former and edits_stand(work, "detect"):
        return StageOutput(summary=former.summary, content=former.content)
    refuse_to_replace_edits(work)
    back_up_edits(work)
    movie = detect_anew(work)
    return StageOutput(summary=dict(movie_facts(movie)), content=_content(work))


def detect_anew(work: StageInput) -> PlannedMovie:
    """Fill suite2p's folder with ROIs and traces, whatever was there; the movie they are of."""
    from twophoton_decode.pipeline.inputs.movie_planes import extraction_settings
    from twophoton_decode.pipeline.inputs.suite2p_process import suite2p_process

    settings = extraction_settings(work)
    with suite2p_process(work, settings) as suite2p:
        # suite2p takes seconds to import; what is needed here is imported meanwhile.
        from twophoton_decode.extraction.suite2p.extract import extract
        from twophoton_decode.pipeline.inputs.movie_planes import movie_planes

        found = movie_planes(work)
        extract(
            found.planes,
            found.mapping,
            frame_rate_hz=work.settings.recording.frame_rate_hz,
            settings=settings,
            folder=work.folder.suite2p,
            suite2p=suite2p,
            times=found.movie.recording.times,
            notes=found.notes,
            progress=work.progress,
        )
    return found.movie


def _content(work: StageInput) -> str:
    """Hash of what was noted beside the ROIs, their own fingerprint among it."""
    from twophoton_decode.extraction.suite2p.output import ORIGIN

    origin = (work.folder.suite2p / ORIGIN).read_bytes()
    return hashlib.blake2b(origin, digest_size=20).hexdigest()


DETECT = Stage(
    name="detect",
    title="regions and their signals, in suite2p's folder",
    section="From the movie to cells",
    page_place=80,
    run=run,
    reads=("register",),
    begins_with=("register",),
    sources=("extraction.classifier", "extraction.suite2p_settings"),
    depends_on=(
        "recording.frame_rate_hz",
        *(
            f"extraction.{key}"
            for key in ExtractionSettings.model_fields
            if key not in OF_EXTRACTION
        ),
    ),
)

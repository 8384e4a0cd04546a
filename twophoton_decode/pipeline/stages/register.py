"""Raw movie to a movie that does not move."""

from __future__ import annotations

from contextlib import nullcontext

from twophoton_decode.errors import SettingsError
from twophoton_decode.pipeline.stage import Stage, StageInput, StageOutput

OF_EXTRACTION = ("registration", "device", "nonrigid", "block_size_px", "batch_frames")
"""Settings in ``[extraction]`` that motion correction depends on."""


def run(work: StageInput) -> StageOutput:
    """Correct motion; the registered movie waits in ``suite2p.building`` for `detect`.

    Nothing is done where the user edited ROIs and nothing asks for others.
    """
    from twophoton_decode.extraction.suite2p.extract import register, registers_here
    from twophoton_decode.pipeline.inputs.edited_rois import edits_stand, refuse_to_replace_edits
    from twophoton_decode.pipeline.inputs.movie_planes import extraction_settings, movie_planes
    from twophoton_decode.pipeline.inputs.suite2p_process import suite2p_process

    former = work.ledger.get("register")
    if former and edits_stand(work, "register"):
        return StageOutput(summary=former.summary, content=former.content)
    refuse_to_replace_edits(work)
    settings = extraction_settings(work)
    _refuse_wrong_classifier(work)
    found = movie_planes(work)
    here = registers_here(settings)
    with nullcontext() if here else suite2p_process(work, settings) as suite2p:
        made = register(
            found.planes,
            found.mapping,
            frame_rate_hz=work.settings.recording.frame_rate_hz,
            settings=settings,
            folder=work.folder.suite2p,
            suite2p=suite2p,
            progress=work.progress,
        )
    return StageOutput(content=made)


def _refuse_wrong_classifier(work: StageInput) -> None:
    """Only detection needs it, but whoever named a wrong one is not to learn it hours later."""
    from twophoton_decode.extraction.suite2p.classifier import check_classifier
    from twophoton_decode.pipeline.inputs.sources import input_paths

    for path in input_paths(work.folder, work.settings, "extraction.classifier"):
        try:
            check_classifier(str(path))
        except ValueError as error:
            raise SettingsError(f"{error}") from error


REGISTER = Stage(
    name="register",
    title="movie without motion, in suite2p's folder",
    section="From the movie to cells",
    page_place=80,
    run=run,
    sources=("movie",),
    depends_on=(
        "recording.planes",
        "recording.channels",
        "recording.functional_channel",
        "recording.use_planes",
        "recording.line_offset_px",
        "traces.movie",
        *(f"extraction.{key}" for key in OF_EXTRACTION),
    ),
)

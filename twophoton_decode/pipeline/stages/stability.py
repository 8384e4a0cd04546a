"""How stable is the reconstruction while the responding cells change?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.pipeline.inputs.decoder_context import session_context, time_allowed
from twophoton_decode.pipeline.stage import Number, Stage, StageInput, StageOutput
from twophoton_decode.records import Reconstruction, Responses, Stability

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "stability/{decoder}.nc"


def run(work: StageInput) -> StageOutput:
    """Similarity and variability over repeats; needs at least two of an image."""
    from twophoton_decode.analyses.slow import pictures_of_stability, require_time
    from twophoton_decode.analyses.stability.stability import stability
    from twophoton_decode.kernels.threads import one_thread_each

    responses = work.read(Responses, "responses.nc")
    reconstruction = work.read(Reconstruction, "reconstruction/{decoder}.nc")
    most_hours = work.settings.deep.most_hours
    require_time(reconstruction, pictures_of_stability(responses), most_hours)
    # What is worth several threads has them of its own.
    with one_thread_each():
        found = stability(
            reconstruction,
            responses,
            seed=work.settings.decoding.seed,
            progress=work.progress,
            session=session_context(work, responses),
        )
    return StageOutput(record=found, summary=_summary(found), notes=found.notes)


def draw(work: StageInput) -> list[Drawing]:
    """Repeats side by side, similarities, and what remains as cells drop out."""
    from twophoton_decode.figures.stability.drop_out import drop_out
    from twophoton_decode.figures.stability.repeats import repeats_gallery
    from twophoton_decode.figures.stability.similarity import similarity_scatter

    reconstruction = work.read(Reconstruction, "reconstruction/{decoder}.nc")
    found = work.read(Stability, FILE)
    return [
        repeats_gallery(reconstruction, found),
        similarity_scatter(found),
        drop_out(found),
    ]


def _summary(found: Stability) -> dict[str, Any]:
    names = (
        "reconstruction_similarity",
        "response_similarity",
        "reconstruction_variability",
        "response_variability",
        "reconstruction_similarity_other",
        "response_similarity_other",
    )
    return {name: _mean(getattr(found, name)) for name in names} | {
        "reconstruction_similarity_ci95": list(found.reconstruction_similarity_ci95),
        "response_similarity_ci95": list(found.response_similarity_ci95),
        "r_single": found.r_single,
        "similarity_allowed": found.similarity_allowed,
        "similarity_beyond_allowed": found.similarity_beyond_allowed,
        "similarity_beyond_allowed_ci95": list(found.similarity_beyond_allowed_ci95),
        "similarity_permuted_weights": _mean(found.permuted_weights),
        "permuted_weights_p": found.permuted_weights_p,
        "similarity_shuffled_trials": _mean(found.shuffled_trials),
        "shuffled_trials_p": found.shuffled_trials_p,
        "gain_correlation": found.gain_correlation,
        "gain_p": found.gain_p,
    }


def _mean(values: np.ndarray) -> float:
    """Mean over the images that have a value; NaN if none has."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


STABILITY = Stage(
    name="stability-report",
    title="similarity and variability over repeats",
    section="How stable is it?",
    page_place=20,
    run=run,
    draw=draw,
    file=FILE,
    record=Stability,
    summary_key="stability",
    numbers=(
        Number(
            "reconstruction_similarity",
            "similarity of reconstructions over repeats",
            column="similarity",
        ),
        Number(
            "response_similarity",
            "similarity of responses over repeats",
            column="response similarity",
        ),
    ),
    reads=("respond", "reconstruct"),
    depends_on=("decoding.seed",),
    revision=5,
    figure_revision=2,
    own=time_allowed,
    per="decoder",
)

"""Would more pictures help? A decoder trained on a quarter, half and all of the images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twophoton_decode.pipeline.inputs.decoder_context import needs_of, session_context
from twophoton_decode.pipeline.stage import Needs, Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Reconstruction, Responses
from twophoton_decode.records.deep.pictures.learning_curve import LearningCurve

if TYPE_CHECKING:
    from twophoton_decode.deep.reconstructed.learning import Learning
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/learning_curve/{decoder}.nc"
RIDGE = "ridge"


def run(work: StageInput) -> StageOutput:
    """Train anew on nested shares of each fold's training images, and ridge beside it."""
    from threadpoolctl import threadpool_limits

    from twophoton_decode.deep.reconstructed.learning import as_features_show, learning_curve
    from twophoton_decode.pipeline.stages.reconstruct import blas_threads
    from twophoton_decode.registry import FEATURE_SPACES

    responses = work.read(Responses, "responses.nc")
    made = work.read(Reconstruction, "reconstruction/{decoder}.nc")
    with threadpool_limits(blas_threads(responses), user_api="blas"):
        learnings = {
            name: _learnt(work, name, made, responses)
            for name in dict.fromkeys((work.decoder, RIDGE))
        }
    space = FEATURE_SPACES.load(made.features)(made.picture.shape[1:])
    ceiling = as_features_show(made, space)
    notes = [
        f"{name}: {said}" for name, learning in learnings.items() for said in learning.warnings
    ]
    fields = learning_curve(made, learnings, ceiling, work.settings.decoding.seed)
    found = LearningCurve(**fields, notes=notes)
    return StageOutput(record=found, summary=_summary(found), notes=notes)


def _learnt(work: StageInput, name: str, made: Reconstruction, responses: Responses) -> Learning:
    from twophoton_decode.decoding.fitting.transform import candidates
    from twophoton_decode.decoding.folds.again import folds_again
    from twophoton_decode.decoding.plug_in_errors import running
    from twophoton_decode.deep.reconstructed.learning import learnt

    settings, session = work.settings.decoding, session_context(work, responses)
    parts = folds_again(made, responses, name, settings.seed, session, work.progress)
    transforms = candidates(settings.transform)
    with running(name, made.features):
        return learnt(made, parts, transforms, work.settings.deep.most_hours)


def draw(work: StageInput) -> list[Drawing]:
    """Scores against training images."""
    from twophoton_decode.figures.deep.pictures.learning_curve import learning_panels

    found = work.read(LearningCurve, FILE)
    return [learning_panels(found, told(_summary(found)))]


def told(numbers: Numbers) -> str:
    """Whether the last doubling helped."""
    from twophoton_decode.figures.deep.pictures.learning_curve import learning_sentence

    return learning_sentence(numbers)


def _summary(found: LearningCurve) -> dict[str, Any]:
    alone = len(found.decoder) == 1
    scores = {
        name: {
            "mean": found.value_mean[0, column].tolist(),
            "chance": float(found.chance[0, column, -1]),
            "doubling": float(found.doubling[0, column, -1]),
            "doubling_ci95": found.doubling_ci95[0, column, -1].tolist(),
            "lead": None if alone else float(found.lead[column, -1]),
            "lead_ci95": None if alone else found.lead_ci95[column, -1].tolist(),
        }
        for column, name in enumerate(found.score.tolist())
    }
    first = found.score.tolist()[0]
    return {
        "decoder": str(found.decoder[0]),
        "training_images": found.training_images.tolist(),
        "scores": scores,
        "pixcorr": scores[first]["mean"][-1],
        "pixcorr_doubling": scores[first]["doubling"],
        "ssim": float(found.value_mean[0, -1, -1]),
        "ssim_doubling": float(found.doubling[0, -1, -1]),
    }


def _needs(decoder: str) -> Needs:
    needs = needs_of(decoder)
    return Needs((*needs.depends_on, "deep.most_hours"), needs.sources)


DEEP_LEARNING_CURVE = Stage(
    name="deep-learning-curve",
    command="deep learning-curve",
    title="scores after training on fewer images",
    section="Would more pictures help?",
    page_place=35,
    run=run,
    draw=draw,
    file=FILE,
    record=LearningCurve,
    summary_key="deep.learning_curve",
    numbers=(
        Number("pixcorr", "PixCorr after all training images"),
        Number("pixcorr_doubling", "what the last doubling of the training images added", ".3f"),
        Number("ssim", "SSIM after all training images"),
        Number("ssim_doubling", "what the last doubling added to SSIM", ".3f"),
    ),
    needs_pictures=True,
    reads=("respond", "reconstruct"),
    begins_with=("reconstruct",),
    depends_on=("decoding.transform", "decoding.seed"),
    own=_needs,
    per="decoder",
    on_request=True,
    told=told,
)

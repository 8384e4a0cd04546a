"""Feature inversion beside its controls: what it owes to cells, generator and layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from twophoton_decode.pipeline.inputs.decoder_context import session_context
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records.deep.pictures.inversion_controls import InversionControls
from twophoton_decode.records.responses import Responses

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/inversion.nc"


def run(work: StageInput) -> StageOutput:
    """Make pictures of some images in every way."""
    from twophoton_decode.deep.inversion.controls import inversion_controls

    responses = work.read(Responses, "responses.nc")
    session = session_context(replace(work, decoder="feature-inversion"), responses)
    found = inversion_controls(responses, work.settings.decoding, session, work.progress)
    return StageOutput(record=found, summary=_summary(found), notes=found.notes)


def draw(work: StageInput) -> list[Drawing]:
    """Pictures of every variant, and scores beside their nulls."""
    from twophoton_decode.figures.deep.pictures.inversion import (
        inversion_pictures,
        inversion_scores,
    )

    found = work.read(InversionControls, FILE)
    return [inversion_scores(found), inversion_pictures(found)]


def _summary(found: InversionControls) -> dict[str, Any]:
    """Of every variant: mean and null of every score, and what the reconstruction exceeds it by."""
    by_variant = {
        str(variant): {
            str(name): {
                "mean": float(found.mean[row, column]),
                "null": float(found.null_mean[row, column]),
                "reconstruction_exceeds_by": float(found.difference[row, column]),
                "difference_ci95": found.difference_ci95[row, column].tolist(),
            }
            for column, name in enumerate(found.score_name)
        }
        for row, variant in enumerate(found.variant)
    }
    return {
        "images": len(found.image_name),
        "generator": found.generator,
        "network": found.network,
        "pixcorr": float(found.mean[0, 0]),
        "pixcorr_null": float(found.null_mean[0, 0]),
        "two_way_last": float(found.mean[0, -1]),
        "variants": by_variant,
    }


def _told(numbers: Numbers) -> str:
    from twophoton_decode.figures.deep.pictures.inversion_words import inversion_sentence

    return inversion_sentence(numbers)


DEEP_INVERSION = Stage(
    name="deep-inversion",
    command="deep inversion",
    title="feature inversion beside its controls, and layer by layer",
    section="What feature inversion owes to cells, generator and layers",
    page_place=87,
    run=run,
    draw=draw,
    file=FILE,
    record=InversionControls,
    summary_key="deep.inversion",
    revision=2,
    numbers=(
        Number("pixcorr", "pixel correlation of feature inversion, trial averages"),
        Number("pixcorr_null", "the same with another image of the fold"),
        Number("two_way_last", "two-way identification in the last layer"),
    ),
    needs_pictures=True,
    reads=("respond",),
    sources=("images",),
    depends_on=(
        "deep.networks", "deep.weights", "deep.colour", "deep.units", "deep.generator",
        "deep.inversion_layers", "deep.inversion_px", "deep.inversion_images",
        "decoding.features", "decoding.folds", "decoding.seed",
        "decoding.near_duplicate_correlation", "source.images", "source.image_shape",
        "source.image_axes",
    ),
    on_request=True,
    told=_told,
)  # fmt: skip

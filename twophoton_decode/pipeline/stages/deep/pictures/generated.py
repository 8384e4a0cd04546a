"""What do the generators of `latent` and `latent-diffusion` make without the brain?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.pipeline.inputs.decoder_context import session_context
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Responses
from twophoton_decode.records.deep.pictures.driven_pictures import DrivenPictures

if TYPE_CHECKING:
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/generated.nc"


def run(work: StageInput) -> StageOutput:
    """Drive each generator by own and by wrong responses, every image by a fit without it."""
    from twophoton_decode.decoding.folds.finite import finite_trials
    from twophoton_decode.decoding.folds.splits import decoder_for
    from twophoton_decode.deep.comparison.decoding.network_decoding import decoding_folds
    from twophoton_decode.deep.latent.driven import Images, driven_pictures
    from twophoton_decode.deep.latent.opened import opened_codes
    from twophoton_decode.deep.weights.find import sha256_of
    from twophoton_decode.registry import FEATURE_SPACES

    responses, settings = work.read(Responses, "responses.nc"), work.settings.decoding
    shown = finite_trials(responses)
    space = FEATURE_SPACES.load(settings.features)(shown.picture.shape[1:])
    pictures = space.prepare(shown.picture)
    folds, about_folds = decoding_folds(pictures, shown.image_group, settings)
    session = session_context(work, responses)
    told = session.about(shown.image_name, pictures, space.encode(pictures))
    names = ("latent", *(("latent-diffusion",) if session.denoiser else ()))
    images = Images(shown.response, shown.image, pictures, folds.fold, folds.content)
    makers = {name: decoder_for(name, space, told) for name in names}
    fields, about_fits = driven_pictures(images, space, makers, settings.seed, work.progress)
    deep = work.settings.deep
    generator = opened_codes(deep.generator, session.weights, deep.device)[0]
    notes = [
        *shown.warnings,
        *folds.warnings,
        *about_folds,
        *about_fits,
        *_without(session.denoiser),
    ]
    found = DrivenPictures(
        **fields,
        image_name=shown.image_name,
        fold=folds.fold,
        content=folds.content,
        picture=pictures,
        autoencoder=generator.name,
        autoencoder_sha256=generator.sha256,
        knowledge=generator.knowledge,
        denoiser_sha256=sha256_of(session.denoiser) if session.denoiser else "",
        notes=notes,
    )
    return StageOutput(record=found, summary=summary_of(found), notes=notes)


def _way(found: DrivenPictures, way: int) -> dict[str, Any]:
    """What one decoder makes of one drive."""
    return {
        "decoder": str(found.decoder[way]),
        "driven_by": str(found.driven_by[way]),
        "ssim": float(found.ssim_mean[way]),
        "r": float(found.r_mean[way]),
        "two_way": float(found.two_way_mean[way]),
        "named": float(found.named_share[way]),
        "dimension": float(found.dimension[way]),
        "ssim_left": float(found.ssim_left[way]),
        "ssim_left_ci95": [float(found.ssim_left_low[way]), float(found.ssim_left_high[way])],
        "two_way_left": float(found.two_way_left[way]),
        "two_way_left_ci95": [
            float(found.two_way_left_low[way]),
            float(found.two_way_left_high[way]),
        ],
    }


def summary_of(found: DrivenPictures) -> dict[str, Any]:
    """Means of every way, and the headline of the first decoder."""
    ways = [_way(found, way) for way in range(len(found.decoder))]
    mean = int(np.flatnonzero(found.driven_by == "the mean response")[-1])
    own = int(np.flatnonzero(found.decoder == found.decoder[mean])[0])
    return {
        "decoder": str(found.decoder[own]),
        "two_way_own": float(found.two_way_mean[own]),
        "two_way_mean_response": float(found.two_way_mean[mean]),
        "ssim_left_mean_response": float(found.ssim_left[mean]),
        "nearer_to_training": float(found.nearer_to_training[own]),
        "ways": ways,
    }


def draw(work: StageInput) -> list[Drawing]:
    """Pictures of every way beside what was shown, with their scores."""
    from twophoton_decode.figures.deep.pictures.generated import generated_pictures

    return generated_pictures(work.read(DrivenPictures, FILE))


def _without(denoiser: object) -> list[str]:
    if denoiser:
        return []
    return [
        "latent-diffusion is left out: there is no denoiser. `tpdecode deep train-denoiser FOLDER "
        "-o FILE` makes one, and --denoiser FILE names it."
    ]


def _told(numbers: Numbers) -> str:
    return (
        f"{numbers['decoder']}: two-way {numbers['two_way_own']:.2f} with own responses, "
        f"{numbers['two_way_mean_response']:.2f} with the mean response, which keeps "
        f"{numbers['ssim_left_mean_response']:.0%} of SSIM"
    )


DEEP_GENERATED = Stage(
    name="deep-generated",
    command="deep generated",
    title="what the generators make without the brain",
    section="Generators without the brain",
    page_place=34,
    run=run,
    draw=draw,
    file=FILE,
    record=DrivenPictures,
    summary_key="deep.generated",
    numbers=(
        Number("two_way_own", "two-way identification with own responses"),
        Number("two_way_mean_response", "the same with the mean response, chance .5"),
        Number("ssim_left_mean_response", "share of SSIM that the mean response keeps"),
        Number("nearer_to_training", "share of images nearer to a training picture than their own"),
    ),
    needs_pictures=True,
    reads=("respond",),
    sources=("images", "deep.denoiser"),
    depends_on=(
        "deep.generator", "deep.weights", "deep.input_px", "deep.colour", "deep.denoiser",
        "deep.denoiser_strength", "deep.denoiser_steps", "deep.driven_by", "deep.z_population",
        "deep.c_population", "source.images", "source.image_shape", "source.image_axes",
        "decoding.features", "decoding.folds", "decoding.near_duplicate_correlation",
        "decoding.seed",
    ),
    on_request=True,
    told=_told,
    revision=2,
)  # fmt: skip

"""Which part of a latent diffusion model predicts which population of cells?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.pipeline.inputs.decoder_context import session_context
from twophoton_decode.pipeline.inputs.network_features import SETTINGS, SOURCES
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Responses
from twophoton_decode.records.deep.pictures.component_encoding import ComponentEncoding

if TYPE_CHECKING:
    from twophoton_decode.deep.attention.images import ImageResponses, Selected
    from twophoton_decode.deep.latent.components.made import MadeComponents
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/components.nc"


def run(work: StageInput) -> StageOutput:
    """Predict every cell from z, c, noised z and the denoiser's stages, beside random weights."""
    from twophoton_decode.deep.attention.images import images_in_folds
    from twophoton_decode.deep.latent.components.analysis import component_encoding
    from twophoton_decode.deep.latent.populations import large_populations
    from twophoton_decode.encoding.prediction import noise_ceiling_r
    from twophoton_decode.statistics.defined import mean

    responses, settings = work.read(Responses, "responses.nc"), work.settings
    cells, small = large_populations(responses.cells, responses.population)
    selected = images_in_folds(responses, settings.decoding, settings.encoding.refits)
    made = _made(work, responses, selected)
    rate = settings.encoding.false_discovery_rate
    fields = component_encoding(
        selected.shown, cells, made.components, settings.decoding, rate, work.progress
    )
    ceiling = noise_ceiling_r(responses.reliability)
    found = ComponentEncoding(
        **fields,
        noise_ceiling_r=ceiling,
        ceiling_mean=np.array([mean(ceiling[own]) for own in cells.values()]),
        images=len(selected.picture),
        units=settings.deep.units,
        autoencoder=made.generator.name,
        autoencoder_sha256=made.generator.sha256,
        content=made.content,
        denoiser_sha256=made.denoiser.sha256 if made.denoiser else "",
        notes=[*selected.notes, *small, *made.notes, *_without(made.denoiser)],
    )
    return StageOutput(record=found, summary=found.headline, notes=found.notes)


def _made(
    work: StageInput, responses: Responses, selected: Selected[ImageResponses]
) -> MadeComponents:
    """Components of the pictures that were shown."""
    from twophoton_decode.deep.latent.components.made import components_of

    picture, name = selected.picture, responses.image_name[selected.source]
    session = session_context(work, responses)
    told = session.about(name, picture, picture.reshape(len(picture), -1))
    return components_of(told, picture, work.settings.decoding.seed, work.progress)


def draw(work: StageInput) -> list[Drawing]:
    """Sources of every population, and components over the steps."""
    from twophoton_decode.figures.deep.pictures.components import predicted_by_components

    return [predicted_by_components(work.read(ComponentEncoding, FILE))]


def _without(denoiser: object) -> list[str]:
    if denoiser:
        return []
    return [
        "there is no denoiser: z, c and pixels alone are compared, and c is the whole last layer. "
        "`tpdecode deep train-denoiser FOLDER -o FILE` makes one, and --denoiser FILE names it."
    ]


def _told(numbers: Numbers) -> str:
    from twophoton_decode.figures.deep.pictures.component_words import population_sentence

    every: dict[str, Any] = numbers["populations"]
    return " ".join(population_sentence(name, told) for name, told in every.items())


DEEP_COMPONENTS = Stage(
    name="deep-components",
    command="deep components",
    title="prediction of cells from the parts of a latent diffusion model",
    section="What codes and contents stand for",
    page_place=35,
    run=run,
    draw=draw,
    file=FILE,
    record=ComponentEncoding,
    summary_key="deep.components",
    numbers=(
        Number("predicted_cells", "cells predicted above chance by z, c, pixels or denoiser", "d"),
        Number("cells", "cells of populations that are compared", "d"),
    ),
    needs_pictures=True,
    reads=("respond",),
    sources=(*SOURCES, "deep.denoiser"),
    depends_on=(
        *SETTINGS, "deep.generator", "deep.denoiser", "deep.networks", "decoding.folds",
        "decoding.near_duplicate_correlation", "decoding.bootstraps", "decoding.seed",
        "encoding.refits", "encoding.false_discovery_rate",
    ),
    on_request=True,
    told=_told,
)  # fmt: skip

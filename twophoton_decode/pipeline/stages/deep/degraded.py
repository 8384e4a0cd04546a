"""Are degraded pictures seen as more than they show, once their originals are familiar?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.pipeline.inputs.degraded_pictures import COLUMNS, degraded_pictures
from twophoton_decode.pipeline.inputs.network_features import (
    SETTINGS,
    SOURCES,
    features_of,
    pictures_shown,
)
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records.deep.degraded_decoding import DegradedDecoding
from twophoton_decode.records.responses import Responses

if TYPE_CHECKING:
    from twophoton_decode.deep.comparison.decoding.spaces import Space
    from twophoton_decode.deep.comparison.degraded.analysis import Evoked
    from twophoton_decode.deep.comparison.degraded.roles import Roles
    from twophoton_decode.figures.canvas.drawing import Drawing
    from twophoton_decode.records.deep.feature_set import FeatureSet
    from twophoton_decode.stimulus.pictures import StimulusPictures

FILE = "deep/degraded/{network}.nc"


def run(work: StageInput) -> StageOutput:
    """Decode degraded pictures by fits to originals, and test by design what was asked."""
    from twophoton_decode.deep.comparison.degraded.analysis import degraded_fields
    from twophoton_decode.deep.comparison.degraded.assignment import Design
    from twophoton_decode.deep.comparison.degraded.kinds import degradations, picture_correlation
    from twophoton_decode.deep.networks.named import random_twin, split_name
    from twophoton_decode.pipeline.stages.respond import pictures_of

    responses = work.read(Responses, "responses.nc")
    images, shown = pictures_shown(work, responses)
    pictures = pictures_of(work)
    named, phase = degraded_pictures(work, pictures.name, responses)
    roles, about_roles = _roles(work, responses, shown, pictures, named.original)
    picture_r = picture_correlation(*(pictures.picture[p] for p in (roles.shown, roles.original)))
    kinds, about_kinds = degradations(named.degradation[roles.shown], picture_r)
    design = Design(
        roles.original, named.familiar[roles.shown],
        bool(work.settings.deep.familiar_column), bool(work.settings.deep.phase_column),
    )  # fmt: skip
    twin = random_twin(work.network) if split_name(work.network)[1] is None else ""
    features, spaces = _spaces(work, pictures, twin, images)
    fields, left_out = degraded_fields(
        _evoked(responses, shown, roles, phase), spaces, roles, design, kinds,
        work.settings.decoding, work.progress,
    )  # fmt: skip
    notes = [*features.notes, *named.notes, *about_roles, *about_kinds, *left_out]
    found = DegradedDecoding(
        **fields,
        degraded_name=pictures.name[roles.shown],
        original_name=pictures.name[roles.original],
        familiar=design.familiar,
        fold=roles.fold[roles.shown],
        picture_r=picture_r,
        degradation_of=kinds,
        degradation_known=bool(work.settings.deep.degradation_column),
        cells=responses.cells,
        originals=int(roles.trains.sum()),
        network=work.network,
        sha256=features.sha256,
        twin=twin,
        input_px=features.input_px,
        source_px=features.source_px,
        grey=features.grey,
        notes=notes,
    )
    return StageOutput(record=found, summary=found.headline, notes=notes)


def draw(work: StageInput) -> list[Drawing]:
    """Layers by what the animal had seen, beside random weights, pixels and biased measures."""
    from twophoton_decode.figures.deep.degraded.pictures import degraded_figure

    return [degraded_figure(work.read(DegradedDecoding, FILE))]


def _roles(
    work: StageInput,
    responses: Responses,
    shown: np.ndarray,
    pictures: StimulusPictures,
    original: np.ndarray,
) -> tuple[Roles, list[str]]:
    from twophoton_decode.deep.comparison.degraded.roles import roles_of
    from twophoton_decode.registry import FEATURE_SPACES

    settings = work.settings.decoding
    space = FEATURE_SPACES.load(settings.features)(pictures.picture.shape[1:])
    group = np.full(len(original), -1)
    if responses.image_group is not None:
        group[shown] = responses.image_group
    return roles_of(original, shown, np.asarray(space.prepare(pictures.picture)), group, settings)


def _spaces(
    work: StageInput, pictures: StimulusPictures, twin: str, images: int
) -> tuple[FeatureSet, list[Space]]:
    """Layers of the network and of its twin, pixels and Gabor energies, of all pictures."""
    from twophoton_decode.deep.comparison.decoding.spaces import (
        NETWORK,
        RANDOM,
        layers_of,
        simple_spaces,
    )

    every = np.arange(images)
    own = features_of(work, work.network, images)
    spaces = layers_of(NETWORK, own, every)
    if twin:
        spaces += layers_of(RANDOM, features_of(work, twin, images), every)
    return own, [*spaces, *simple_spaces(pictures.picture)]


def _evoked(responses: Responses, shown: np.ndarray, roles: Roles, phase: np.ndarray) -> Evoked:
    """Mean responses to originals, and to degraded pictures: all, before, after."""
    from twophoton_decode.deep.comparison.decoding.populations import shown_to_populations
    from twophoton_decode.deep.comparison.degraded.analysis import Evoked

    average = shown_to_populations(responses)[0].average
    row = np.full(int(shown.max()) + 1, -1)
    row[shown] = np.arange(len(shown))
    phases = [responses.averages(phase == each)[row[roles.shown]] for each in (0, 1)]
    return Evoked(average[row[roles.intact]], np.stack([average[row[roles.shown]], *phases]))


def _told(numbers: Numbers) -> str:
    from twophoton_decode.figures.deep.degraded.sentences import (
        degraded_sentence,
        planning_sentence,
    )

    return f"{degraded_sentence(numbers)} {planning_sentence(numbers)}"


DEEP_DEGRADED = Stage(
    name="deep-degraded",
    command="deep completion",
    title="features decoded from degraded pictures, and from their originals",
    section="Degraded pictures",
    page_place=82,
    run=run,
    draw=draw,
    file=FILE,
    record=DegradedDecoding,
    summary_key="deep.completion",
    numbers=(
        Number("best_difference", "Δ by design, of the layer where it is largest", ".3f"),
    ),
    needs_pictures=True,
    reads=("respond",),
    sources=(*SOURCES, "log", "picture_table"),
    depends_on=(
        *SETTINGS, *COLUMNS, "decoding.features", "decoding.folds", "decoding.seed",
        "decoding.near_duplicate_correlation", "decoding.bootstraps", "source.picture_table", "log",
        "images", "recording.first_index",
    ),
    per="network",
    on_request=True,
    told=_told,
)  # fmt: skip

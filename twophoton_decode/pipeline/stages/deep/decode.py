"""Which layers of a network can be decoded, beyond what pixels and random weights give?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.pipeline.inputs.cell_populations import cell_populations
from twophoton_decode.pipeline.inputs.network_features import (
    SETTINGS,
    SOURCES,
    distractor_pictures,
    features_of,
    pictures_shown,
)
from twophoton_decode.pipeline.results.decoding_summary import summary_of, told
from twophoton_decode.pipeline.stage import Number, Stage, StageInput, StageOutput
from twophoton_decode.records.deep.feature_decoding import FeatureDecoding
from twophoton_decode.records.responses import Responses
from twophoton_decode.records.timed_responses import TimedResponses

if TYPE_CHECKING:
    from twophoton_decode.decoding.folds.crossvalidation import ImageFolds
    from twophoton_decode.deep.comparison.decoding.spaces import Space
    from twophoton_decode.figures.canvas.drawing import Drawing
    from twophoton_decode.records.deep.feature_set import FeatureSet

FILE = "deep/decoding/{network}.nc"


def run(work: StageInput) -> StageOutput:
    """Decode every layer, its random twins, pixels and Gabor energies from each population."""
    from twophoton_decode.decoding.folds.content import grouped_images
    from twophoton_decode.deep.comparison.decoding.network_decoding import (
        decode_network,
        decoding_folds,
    )
    from twophoton_decode.deep.comparison.decoding.populations import shown_to_populations
    from twophoton_decode.deep.networks.named import random_twins

    responses = work.read(Responses, "responses.nc")
    settings = work.settings.decoding
    prepared = _working_pictures(work, responses)
    folds, about_folds = decoding_folds(prepared, responses.image_group, settings)
    shown, about_cells = shown_to_populations(responses, cell_populations(work, responses))
    twins = random_twins(work.network, work.settings.deep.twins)
    features, spaces, about_pictures = _spaces(work, responses, twins)
    fields, left_out = decode_network(shown, spaces, folds, settings, work.progress)
    same = folds.content
    if responses.image_group is not None:
        # A group shares folds; only pictures that show the same are no examples of each other.
        near = settings.near_duplicate_correlation
        same = grouped_images(prepared, near, None).content
    kinds, about_kinds = _categories(work, responses, spaces, (folds.content, same), fields)
    times, about_times = _times(work, responses, spaces, folds)
    notes = [
        *features.notes, *about_pictures, *folds.warnings, *about_folds, *about_cells,
        *left_out, *about_kinds, *about_times,
    ]  # fmt: skip
    found = FeatureDecoding(
        **fields,
        **kinds,
        **times,
        cells=np.array([len(cells) for cells in shown.cells.values()]),
        image_name=responses.image_name,
        fold=folds.fold,
        content=folds.content,
        network=work.network,
        sha256=features.sha256,
        twins=twins,
        input_px=features.input_px,
        source_px=features.source_px,
        grey=features.grey,
        notes=notes,
    )
    return StageOutput(record=found, summary=summary_of(found), notes=notes)


def draw(work: StageInput) -> list[Drawing]:
    """Layers beside their controls, populations beside each other, and times of layers."""
    from twophoton_decode.figures.deep.expected_times import expected_times
    from twophoton_decode.figures.deep.layer_times import layer_times
    from twophoton_decode.figures.deep.layers import decoded_layers

    found = work.read(FeatureDecoding, FILE)
    return [
        decoded_layers(found),
        *([] if found.course is None else [layer_times(found)]),
        *([] if found.condition is None else [expected_times(found)]),
    ]


def _working_pictures(work: StageInput, responses: Responses) -> np.ndarray:
    """As every decoder's folds compare them, (images, y, x)."""
    from twophoton_decode.registry import FEATURE_SPACES

    space = FEATURE_SPACES.load(work.settings.decoding.features)(responses.picture.shape[1:])
    return np.asarray(space.prepare(responses.picture))


def _spaces(
    work: StageInput, responses: Responses, twins: list[str]
) -> tuple[FeatureSet, list[Space], list[str]]:
    """Layers of the network and of its twins, pixels and Gabor energies, of all pictures."""
    from twophoton_decode.deep.comparison.decoding.spaces import (
        NETWORK,
        RANDOM,
        layers_of,
        simple_spaces,
    )

    images, shown = pictures_shown(work, responses)
    far, kept, notes = _distractors(work, responses)
    pictures = distractor_pictures(work)

    def layers(kind: str, network: str, seed: int) -> tuple[FeatureSet, list[Space]]:
        features, others = features_of(work, network, images), None
        if pictures is not None:
            others = features_of(work, network, pictures=pictures)
        return features, layers_of(kind, features, shown, others, kept, seed)

    features, spaces = layers(NETWORK, work.network, -1)
    for seed, twin in enumerate(twins):
        spaces += layers(RANDOM, twin, seed)[1]
    return features, [*spaces, *simple_spaces(responses.picture, far)], notes


def _distractors(
    work: StageInput, responses: Responses
) -> tuple[np.ndarray | None, np.ndarray, list[str]]:
    """Distractors at working size that show something new, and which of all they are."""
    from twophoton_decode.deep.comparison.decoding.spaces import new_pictures
    from twophoton_decode.pipeline.stages.reconstruct import distractors_of

    pictures, notes = distractors_of(work, responses.picture.shape[1:])
    if pictures is None:
        return None, np.empty(0, dtype=np.int64), []
    near = work.settings.decoding.near_duplicate_correlation
    kept, left_out = new_pictures(pictures, responses.picture, near)
    return pictures[kept], kept, [*notes, *left_out]


def _categories(
    work: StageInput,
    responses: Responses,
    spaces: list[Space],
    alike: tuple[np.ndarray, np.ndarray],
    fields: dict[str, Any],
) -> tuple[dict[str, Any], list[str]]:
    """Fields on categories; nothing, or why not, where they cannot be told apart."""
    from twophoton_decode.deep.comparison.decoding.categories import category_fields
    from twophoton_decode.errors import AnalysisError
    from twophoton_decode.pipeline.inputs.categories import categories_of

    category = categories_of(work, responses)
    if category is None:
        return {}, []
    used = set(zip(fields["kind"], fields["space"], fields["seed"], strict=True))
    layers = {
        each.key: each.features for each in spaces if (each.kind, each.name, each.seed) in used
    }
    try:
        return category_fields(
            responses.averages(), layers, category, *alike, work.settings.decoding, work.progress,
        )  # fmt: skip
    except AnalysisError as error:
        return {}, [f"categories: {error}"]


def _times(
    work: StageInput, responses: Responses, spaces: list[Space], folds: ImageFolds
) -> tuple[dict[str, Any], list[str]]:
    """Fields on when the network's layers are decoded, of sessions with time bins."""
    from twophoton_decode.deep.comparison.timing.timed_decoding import time_fields
    from twophoton_decode.pipeline.stages.deep.time_bins import FILE as BINNED

    if not work.settings.responses.time_bins_s:
        return {}, []
    if not work.current("time-bins"):
        return {}, [
            "no time course: responses in time bins are missing or stale; --bins makes them."
        ]
    return time_fields(
        responses.averages(), work.read(TimedResponses, BINNED), spaces, folds,
        work.settings.decoding, work.progress,
    )  # fmt: skip


DEEP_DECODE = Stage(
    name="deep-decode",
    command="deep decode",
    title="features of a network decoded from responses",
    section="Network layers decoded",
    page_place=81,
    run=run,
    draw=draw,
    file=FILE,
    record=FeatureDecoding,
    summary_key="deep.decode",
    numbers=(
        Number("best_two_way", "two-way identification by the best layer"),
    ),
    needs_pictures=True,
    reads=("respond",),
    uses=("time-bins",),
    sources=(*SOURCES, "distractors", "log", "categories"),
    depends_on=(
        *SETTINGS, "decoding.features", "decoding.folds", "decoding.near_duplicate_correlation",
        "decoding.bootstraps", "decoding.seed", "source.distractors", "source.categories", "log",
        "responses.time_bins_s", "deep.twins",
    ),
    per="network",
    on_request=True,
    revision=2,
    told=told,
)  # fmt: skip

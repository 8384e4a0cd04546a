"""Reconstructions of all decoders scored in pixels and in a network's layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.pipeline.inputs.network_features import SETTINGS
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records.deep.pictures.picture_scores import PictureScores

if TYPE_CHECKING:
    from twophoton_decode.deep.networks.named import Network
    from twophoton_decode.deep.reconstructed.scores import Compared
    from twophoton_decode.figures.canvas.drawing import Drawing
    from twophoton_decode.records import Reconstruction
    from twophoton_decode.records.deep.feature_set import FeatureSet

FILE = "deep/scores/{network}.nc"


def run(work: StageInput) -> StageOutput:
    """SSIM, PixCorr and identification of every decoder that is up to date."""
    from twophoton_decode.deep.networks.named import random_twins
    from twophoton_decode.deep.reconstructed.scores import picture_scores
    from twophoton_decode.pipeline.stages.compare_decoders import reconstructions

    made = reconstructions(work)
    twins = random_twins(work.network, work.settings.deep.twins)
    layers, features = _of_network(work, work.network, made)
    random: dict[str, list[dict[str, Compared]]] = {name: [] for name in made}
    for twin in twins:
        for name, each in _of_network(work, twin, made)[0].items():
            random[name].append(each)
    settings = work.settings.decoding
    fields = picture_scores(
        made, layers, random, bootstraps=settings.bootstraps, seed=settings.seed
    )
    found = PictureScores(
        **fields,
        image_name=next(iter(made.values())).image_name,
        network=work.network,
        sha256=features.sha256,
        twins=twins,
        input_px=features.input_px,
        notes=features.notes,
    )
    return StageOutput(record=found, summary=_summary(found), notes=found.notes)


def _of_network(
    work: StageInput, name: str, made: dict[str, Reconstruction]
) -> tuple[dict[str, dict[str, Compared]], FeatureSet]:
    """Layers of what was shown and of what each decoder made, by decoder."""
    from twophoton_decode.deep.reconstructed.scores import Compared
    from twophoton_decode.pipeline.inputs.network_features import opened_network

    network = opened_network(work, name)
    first = next(iter(made.values()))
    shown = _features(work, network, first, first.picture)
    layers = _three(shown.layers)
    found = {}
    for decoder, each in made.items():
        own = shown
        if each.finer_picture is not None:
            own = _features(work, network, each, each.finer_picture)
        picture = each.average if each.finer_average is None else each.finer_average
        features = _features(work, network, each, picture)
        found[decoder] = {layer: Compared(own.of(layer), features.of(layer)) for layer in layers}
    return found, shown


def _features(
    work: StageInput, network: Network, made: Reconstruction, picture: np.ndarray
) -> FeatureSet:
    """Of pictures in the range of those shown; finer ones lie between 0 and 1."""
    from twophoton_decode.deep.features.cache import FeatureCache
    from twophoton_decode.deep.features.extract import extract_features
    from twophoton_decode.deep.reconstructed.pictures import grey_pictures
    from twophoton_decode.pipeline.inputs.network_features import feature_choice
    from twophoton_decode.session.own_files import refuse_link_on_the_way

    of_session = picture.shape[1:] == made.picture.shape[1:]
    scale = (float(made.picture.min()), float(made.picture.max())) if of_session else (0.0, 1.0)
    kept = work.folder.private / "deep" / "features"
    refuse_link_on_the_way(work.folder.path, kept / "any")
    pictures = grey_pictures(made.image_name, picture, scale)
    return extract_features(
        network, pictures, feature_choice(work), FeatureCache(kept), work.progress
    )


def _three(layers: tuple[str, ...]) -> tuple[str, ...]:
    """The first layer, the middle one and the last."""
    return tuple(dict.fromkeys((layers[0], layers[len(layers) // 2], layers[-1])))


def draw(work: StageInput) -> list[Drawing]:
    """All scores of all decoders, beside chance and random weights."""
    from twophoton_decode.figures.deep.pictures.picture_scores import scored_pictures

    return [scored_pictures(work.read(PictureScores, FILE))]


def _summary(found: PictureScores) -> dict[str, Any]:
    """Every mean with its interval, by decoder, and the best two-way in the last layer."""
    columns = [f"{score} {space}" for score, space in zip(found.score, found.space, strict=True)]
    by_decoder = {
        decoder: {
            name: {"mean": float(mean), "ci95": ends.tolist(), "chance": float(chance)}
            for name, mean, ends, chance in zip(
                columns, found.value_mean[row], found.picture_score_ci95[row], found.chance[row],
                strict=True,
            )
        }
        for row, decoder in enumerate(found.decoder.tolist())
    }  # fmt: skip
    last = found.column("two-way", str(found.layer[-1]))
    best = int(np.nanargmax(found.value_mean[:, last]))
    return {
        **by_decoder,
        "candidates": found.candidates,
        "images": len(found.image_name),
        "last_layer": str(found.layer[-1]),
        "best_decoder": str(found.decoder[best]),
        "best_two_way": float(found.value_mean[best, last]),
        "best_two_way_random": _random_of(found, best),
    }


def _random_of(found: PictureScores, decoder: int) -> float:
    column = found.column("two-way", f"{found.layer[-1]}, random weights")
    return float(found.value_mean[decoder, column])


def _told(numbers: Numbers) -> str:
    from twophoton_decode.figures.canvas.numbers import number

    return (
        f"two-way {number(numbers['best_two_way'])} in {numbers['last_layer']} by "
        f"{numbers['best_decoder']}, with random weights {number(numbers['best_two_way_random'])}"
    )


DEEP_SCORES = Stage(
    name="deep-scores",
    command="deep scores",
    title="reconstructions scored in pixels and in a network's layers",
    section="Reconstructions in a network's eyes",
    page_place=82,
    run=run,
    draw=draw,
    file=FILE,
    record=PictureScores,
    summary_key="deep.scores",
    numbers=(Number("best_two_way", "two-way identification in the last layer, best decoder"),),
    needs_pictures=True,
    reads=("respond",),
    uses=("reconstruct",),
    depends_on=(*SETTINGS[:4], "deep.twins", "decoding.bootstraps", "decoding.seed"),
    per="network",
    on_request=True,
    told=_told,
)

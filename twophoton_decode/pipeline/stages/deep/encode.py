"""Does attention help to predict single cells from a network's layers?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.pipeline.inputs.network_features import (
    SETTINGS,
    SOURCES,
    colour_pictures,
    feature_choice,
    features_of,
    opened_network,
)
from twophoton_decode.pipeline.stage import Number, Numbers, Stage, StageInput, StageOutput
from twophoton_decode.records import Encoding, Responses
from twophoton_decode.records.deep.attention import AttentionEncoding

if TYPE_CHECKING:
    from twophoton_decode.deep.attention.encoding import Networks
    from twophoton_decode.deep.attention.maps import AttentionMaps
    from twophoton_decode.figures.canvas.drawing import Drawing

FILE = "deep/encoding/{network}.nc"


def run(work: StageInput) -> StageOutput:
    """Predictions of every cell with attention on and off, beside maps that are not its own."""
    from twophoton_decode.deep.attention.encoding import attention_encoding
    from twophoton_decode.deep.attention.shown import selected_images

    responses, cells = work.read(Responses, "responses.nc"), work.read(Encoding, "encoding.nc")
    decoding, encoding = work.settings.decoding, work.settings.encoding
    maps = _maps(work, responses.images)
    selected = selected_images(responses, maps.value, decoding, encoding.refits)
    networks, about_layers = _networks(work, responses.images, selected.source)
    found = attention_encoding(
        selected.shown,
        selected.picture,
        networks,
        maps,
        cells,
        responses.reliability,
        decoding,
        encoding,
        [
            *dict.fromkeys([*networks.own.notes, *networks.twin.notes]),
            *selected.notes,
            *about_layers,
        ],
        work.progress,
    )
    return StageOutput(record=found, summary=found.headline, notes=found.notes)


def draw(work: StageInput) -> list[Drawing]:
    """Attention on and off beside its controls; the cells laid out, and on the field of view."""
    from twophoton_decode.figures.deep.attention.cells import laid_out_cells
    from twophoton_decode.figures.deep.attention.prediction import attention_prediction

    found = work.read(AttentionEncoding, FILE)
    return [attention_prediction(found), laid_out_cells(found)]


def _maps(work: StageInput, images: int) -> AttentionMaps:
    """Attention on every picture of the session, as ``[deep] attention`` says."""
    from twophoton_decode.deep.attention.branch_attention import branch_attention_maps
    from twophoton_decode.deep.attention.class_activation import class_activation_maps
    from twophoton_decode.deep.attention.maps import read_maps
    from twophoton_decode.deep.attention.token_attention import token_attention_maps
    from twophoton_decode.errors import SettingsError
    from twophoton_decode.pipeline.inputs.sources import input_paths, split_key

    settings = work.settings.deep
    if settings.attention == "file":
        found = input_paths(work.folder, work.settings, "deep.attention_file")
        if not found:
            raise SettingsError(
                '[deep] attention = "file" needs attention_file, such as by --attention FILE.'
            )
        return read_maps(found[0], split_key(settings.attention_file)[1], images)
    opened = opened_network(work, _attending(work), (work.network,))
    make = {
        "cam": class_activation_maps,
        "dino": token_attention_maps,
        "branch": branch_attention_maps,
    }[settings.attention]
    return make(opened, colour_pictures(work), feature_choice(work), work.progress)


def _attending(work: StageInput) -> str:
    """The network that makes the maps: the one whose layers are used, if it can."""
    from twophoton_decode.deep.networks.named import split_name

    attends = {"dino": "dinov2-small", "branch": "abn-resnet50"}
    kind = attends.get(work.settings.deep.attention, "")
    return work.network if kind in ("", split_name(work.network)[0]) else kind


def _networks(work: StageInput, images: int, source: np.ndarray) -> tuple[Networks, list[str]]:
    """Layers of the network and of one with other, random weights."""
    from twophoton_decode.deep.attention.encoding import Networks
    from twophoton_decode.deep.attention.shown import spatial_layers
    from twophoton_decode.deep.networks.named import random_twin

    twin_name = random_twin(work.network)
    if twin_name == work.network:
        twin_name = random_twin(work.network, 1)
    maps = work.settings.deep.attention in ("dino", "branch")
    beside = (_attending(work),) if maps else ()
    own, twin = (
        features_of(work, name, images, beside=beside) for name in (work.network, twin_name)
    )
    layers, notes = spatial_layers(own, source)
    return Networks(own, twin, layers, spatial_layers(twin, source)[0]), notes


def _told(numbers: Numbers) -> str:
    from twophoton_decode.figures.deep.attention.sentences import attention_sentence

    return attention_sentence(numbers)


DEEP_ENCODE = Stage(
    name="deep-encode",
    command="deep encode",
    title="prediction of each cell from a network with attention on and off",
    section="Attention and single cells",
    page_place=86,
    run=run,
    draw=draw,
    file=FILE,
    record=AttentionEncoding,
    summary_key="deep.encode",
    numbers=(
        Number("r_off", "r of predicted and measured responses without attention, median"),
        Number("r_on", "the same with attention"),
        Number(
            "beyond_other_map", "r more than with another picture's map, mean over cells", ".3f"
        ),
        Number("beyond_mean_map", "r more than with the mean map, mean over cells", ".3f"),
    ),
    needs_pictures=True,
    reads=("respond", "encode"),
    sources=(*SOURCES, "deep.attention_file"),
    depends_on=(
        *SETTINGS,
        "deep.attention",
        "deep.attention_file",
        "decoding.folds",
        "decoding.near_duplicate_correlation",
        "decoding.bootstraps",
        "decoding.seed",
        "encoding.refits",
        "encoding.false_discovery_rate",
    ),
    per="network",
    on_request=True,
    told=_told,
    revision=2,
)

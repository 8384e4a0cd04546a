"""Pictures to the features of a network's layers, some pictures at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.domain import RESIZING, UNIT_SEED, VALUES
from twophoton_decode.deep.features.cache import FeatureCache, key_of
from twophoton_decode.deep.features.layers import LayerReader
from twophoton_decode.deep.networks.named import Network
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records.deep.feature_set import FeatureSet
from twophoton_decode.stimulus.colour_pictures import ColourPictures
from twophoton_decode.stimulus.enlarging import enlarged

_CHUNK = 64
"""Pictures in memory at a time, and in one file of the cache."""
_LEAST_CLEAR_PX = 64


@dataclass(frozen=True)
class FeatureChoice:
    """How features are made, beyond the network.

    Parameters
    ----------
    input_px : int
        Side of the pictures, or the nearest below it that the network takes.
    grey : bool
        Give the network luma in all three channels.
    units : int
        Units that a larger layer is cut to; 0: none is.
    device : str
    """

    input_px: int = 128
    grey: bool = True
    units: int = 1000
    device: str = "cpu"


def extract_features(
    network: Network,
    pictures: ColourPictures,
    choice: FeatureChoice | None = None,
    cache: FeatureCache | None = None,
    progress: Progress = silent,
) -> FeatureSet:
    """Activities of the network's layers for every picture.

    Groups of pictures are kept in `cache`, so an interrupted extraction goes on where it was,
    and a repeated one reads what is there.

    Raises
    ------
    AnalysisError
        A layer is not finite for some picture.
    DeviceError
        The device is absent, or short of memory.
    StimulusImageError
        A picture cannot be read.
    """
    choice, cache = choice or FeatureChoice(), cache or FeatureCache(None)
    side = network.architecture.side(choice.input_px)
    reader = LayerReader(network, side, choice.units, device_of(choice.device))
    identity = _identity(network, side, choice, reader)
    value, smallest = [], side
    for start in range(0, len(pictures), _CHUNK):
        progress(start, len(pictures), f"pictures through {network.name}")
        read = [
            pictures.read(index, side, grey=choice.grey)
            for index in range(start, min(start + _CHUNK, len(pictures)))
        ]
        smallest = min(smallest, *(each.shape[-1] for each in read))
        value.append(_features(np.stack([enlarged(each, side) for each in read]), reader,
                               identity, cache))  # fmt: skip
    progress(len(pictures), len(pictures), f"pictures through {network.name}")
    notes = [*pictures.notes, *reader.notes, *cache.notes, *_size_notes(smallest, side)]
    return _feature_set(network, reader, choice, np.concatenate(value), pictures, smallest, notes)


def _features(
    pictures: np.ndarray, reader: LayerReader, identity: str, cache: FeatureCache
) -> np.ndarray:
    key = key_of(identity, pictures)
    kept = cache.get(key)
    units = sum(each.size for each in reader.chosen.values())
    if kept is not None and kept.shape == (len(pictures), units) and np.isfinite(kept).all():
        return kept
    made = reader.read(pictures)
    if not np.isfinite(made).all():
        raise AnalysisError(
            f"{reader.network.name} gives values that are not finite for some of the pictures; "
            "its weights may be damaged."
        )
    cache.put(key, made)
    return made


def _identity(network: Network, side: int, choice: FeatureChoice, reader: LayerReader) -> str:
    """All that features follow from but the pictures, which count as they are given."""
    shapes = {name: list(shape) for name, shape in reader.shape.items()}
    weights = network.sha256 or f"{network.name}, drawn by {network.drawn_by}"
    of = network.architecture
    made = [of.name, weights, of.mean, of.sd, side, choice.units, UNIT_SEED, shapes]
    return json.dumps(made)


def _size_notes(smallest: int, side: int) -> list[str]:
    if smallest >= side:
        return []
    small = (
        f" Pictures below {_LEAST_CLEAR_PX} px hold less detail than early layers could read."
        if smallest < _LEAST_CLEAR_PX
        else ""
    )
    return [f"pictures of {smallest} px are enlarged to the network's {side} px.{small}"]


def _feature_set(
    network: Network,
    reader: LayerReader,
    choice: FeatureChoice,
    value: np.ndarray,
    pictures: ColourPictures,
    smallest: int,
    notes: list[str],
) -> FeatureSet:
    shapes = [(*shape, 1, 1)[:3] for shape in reader.shape.values()]
    sizes = [each.size for each in reader.chosen.values()]
    return FeatureSet(
        value=value,
        layer_of_unit=np.repeat(np.arange(len(sizes)), sizes),
        place=np.concatenate(list(reader.chosen.values())),
        layer=np.array(list(reader.chosen)),
        layer_shape=np.array(shapes),
        image_name=pictures.name,
        network=network.name,
        sha256=network.sha256,
        drawn_by=network.drawn_by,
        input_px=reader.side,
        source_px=smallest,
        grey=choice.grey,
        values=VALUES,
        resizing=RESIZING,
        unit_seed=UNIT_SEED,
        units_per_layer=choice.units,
        notes=notes,
    )

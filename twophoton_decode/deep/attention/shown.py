"""Images with attention on them, and the layers that lie over them."""

from __future__ import annotations

import numpy as np

from twophoton_decode.deep.attention.held_out import Layer, ShownImages
from twophoton_decode.deep.attention.images import Selected, images_in_folds
from twophoton_decode.errors import AnalysisError
from twophoton_decode.records.deep.feature_set import FeatureSet
from twophoton_decode.records.responses import Responses
from twophoton_decode.settings import DecodingSettings


def selected_images(
    responses: Responses, maps: np.ndarray, decoding: DecodingSettings, refits: int
) -> Selected[ShownImages]:
    """`images_in_folds` with maps (picture, y, x) of the session's pictures; raises as it does."""
    found = images_in_folds(responses, decoding, refits)
    shown = ShownImages(**vars(found.shown), maps=maps[found.source])
    return Selected(shown, found.picture, found.source, found.notes)


def spatial_layers(features: FeatureSet, source: np.ndarray) -> tuple[dict[str, Layer], list[str]]:
    """Layers (of the images `source`) whose units have places, and what was left out.

    Raises
    ------
    AnalysisError
        No layer has rows and columns.
    """
    layers, flat = {}, []
    for name, shape in zip(features.layers, features.layer_shape.tolist(), strict=True):
        if shape[1] == shape[2] and shape[1] > 1:
            value = features.of(name)[source].astype(np.float64)
            layers[name] = Layer(value, features.place_of(name), shape[1])
        else:
            flat.append(name)
    if not layers:
        raise AnalysisError(
            f"no layer of {features.network} is laid out over the picture: a map of attention "
            "cannot weigh its units."
        )
    names = ", ".join(flat)
    notes = [f"{features.network}: {names} left out, as attention to places cannot weigh them."]
    return layers, notes if flat else []

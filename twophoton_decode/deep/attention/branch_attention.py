"""Where an attention branch network attends [Fukui et al. 2019]: the map that it learned."""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.deep.attention.maps import AttentionMaps
from twophoton_decode.deep.attention.passes import outputs_of
from twophoton_decode.deep.features.extract import FeatureChoice
from twophoton_decode.deep.networks.named import Network
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.stimulus.colour_pictures import ColourPictures

_FLAT = 1e-6
"""A map that varies less than this, of 0 to 1, attends nowhere."""


def branch_attention_maps(
    network: Network,
    pictures: ColourPictures,
    choice: FeatureChoice,
    progress: Progress = silent,
) -> AttentionMaps:
    """The map of the attention branch, from 0 to 1 as the network itself uses it.

    Raises
    ------
    AnalysisError
        Every map is constant.
    """
    module: Any = network.module

    def of(outputs: dict[str, Any]) -> np.ndarray:
        return np.asarray(outputs["map"][:, 0].numpy(force=True))

    value = outputs_of(network, {"map": module.sigmoid}, of, pictures, choice, progress)
    flat = int(np.count_nonzero(np.ptp(value, axis=(1, 2)) < _FLAT))
    if flat == len(value):
        raise AnalysisError(
            f"the attention branch of {network.name} gives every picture the same attention "
            "everywhere: its weights are untrained or damaged, or pictures of "
            f"{network.architecture.side(choice.input_px)} px leave its map a single place "
            "(input_px in [deep])."
        )
    notes = [f"{flat} of {len(value)} pictures have the same attention everywhere."]
    source = f"attention branch of {network.name}"
    return AttentionMaps(value, source, network.sha256, notes if flat else [])

"""Class activation maps: where a network sees its own first choice [Zhou et al. 2016].

The network averages its last maps A_k over the picture and weighs them to name a class c.
Weighing them before the average, Σ_k w_ck A_k(y, x), shows what each place adds to c. Nothing is
trained. Only networks that average and then weigh once have such maps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from twophoton_decode.deep.attention.maps import AttentionMaps, peak_at_one
from twophoton_decode.deep.attention.passes import outputs_of
from twophoton_decode.deep.features.extract import FeatureChoice
from twophoton_decode.deep.networks.named import Network
from twophoton_decode.errors import AnalysisError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.stimulus.colour_pictures import ColourPictures

_LAST_AND_CLASSIFIER = (("bn2", "classifier"), ("layer4", "fc"))
"""Of timm's EfficientNet and of torchvision's ResNet."""


def class_activation_maps(
    network: Network,
    pictures: ColourPictures,
    choice: FeatureChoice,
    progress: Progress = silent,
) -> AttentionMaps:
    """The map of each picture's most probable class, its negative part left out, peak at 1.

    Raises
    ------
    AnalysisError
        The network has no such maps.
    """
    last, classifier = _last_maps(network)
    weight = classifier.weight.detach()

    def of(outputs: dict[str, Any]) -> np.ndarray:
        best = outputs["named"].argmax(dim=1)
        return np.einsum("nk,nkyx->nyx", weight[best].numpy(force=True),
                         outputs["last"].numpy(force=True))  # fmt: skip

    modules = {"last": last, "named": classifier}
    found = outputs_of(network, modules, of, pictures, choice, progress)
    value, empty = peak_at_one(found)
    notes = [
        f"{empty} of {len(value)} pictures have no place that speaks for their class: no attention."
    ]
    return AttentionMaps(
        value, f"class activation of {network.name}", network.sha256, notes if empty else []
    )


def _last_maps(network: Network) -> tuple[Any, Any]:
    """The module whose output is averaged, and the one linear step that follows."""
    for last, classifier in _LAST_AND_CLASSIFIER:
        found = [getattr(network.module, name, None) for name in (last, classifier)]
        if all(each is not None for each in found) and hasattr(found[1], "weight"):
            return found[0], found[1]
    raise AnalysisError(
        f"{network.name} has no class activation maps: it does not average its last maps and "
        "weigh them once. efficientnet-lite0 to 2 and resnet18 and 50 do; --attention dino or a "
        "file of maps works with every network."
    )

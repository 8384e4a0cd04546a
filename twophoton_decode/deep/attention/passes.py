"""Pictures through a network, for what is read off some of its modules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.features.extract import FeatureChoice
from twophoton_decode.deep.networks.named import Network
from twophoton_decode.progress import Progress
from twophoton_decode.stimulus.colour_pictures import ColourPictures
from twophoton_decode.stimulus.enlarging import enlarged

_BATCH = 32


def outputs_of(
    network: Network,
    modules: Mapping[str, Any],
    read: Callable[[dict[str, Any]], np.ndarray],
    pictures: ColourPictures,
    choice: FeatureChoice,
    progress: Progress,
) -> np.ndarray:
    """What `read` makes of the modules' outputs, for all pictures, (image, …).

    Parameters
    ----------
    modules : mapping of str to module
        Whose outputs `read` gets, by the same names.
    """
    torch, device = torch_or_error(), device_of(choice.device)
    side = network.architecture.side(choice.input_px)
    network.module.to(device)
    mean, sd = (
        torch.tensor(each, device=device)[:, None, None]
        for each in (network.architecture.mean, network.architecture.sd)
    )
    outputs: dict[str, Any] = {}
    handles = [
        module.register_forward_hook(_keeper(name, outputs)) for name, module in modules.items()
    ]
    found = []
    try:
        for start in range(0, len(pictures), _BATCH):
            progress(start, len(pictures), f"attention of {network.name}")
            several = [
                enlarged(pictures.read(index, side, grey=choice.grey), side)
                for index in range(start, min(start + _BATCH, len(pictures)))
            ]
            with torch.inference_mode():
                given = torch.from_numpy(np.stack(several)).to(device)
                network.module((given - mean) / sd)
                found.append(read(outputs))
    finally:
        for handle in handles:
            handle.remove()
    progress(len(pictures), len(pictures), f"attention of {network.name}")
    return np.concatenate(found).astype(np.float64)


def _keeper(name: str, outputs: dict[str, Any]) -> Callable[[Any, Any, Any], None]:
    def keep(module: Any, given: Any, output: Any) -> None:
        # A copy: the next module may write over it.
        outputs[name] = output.clone()

    return keep

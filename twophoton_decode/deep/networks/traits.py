"""What kind of network it is: depth, fully connected layers, skip connections, accuracy."""

from __future__ import annotations

from typing import NamedTuple

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.networks.named import Network, split_name

_WITHOUT_SKIPS = ("alexnet", "mouse-alexnet", "vgg", "squeezenet", "googlenet", "inception")
_READOUTS = ("classifier", "fc", "head", "heads")


class Traits(NamedTuple):
    """Architecture of a network.

    `depth` counts convolutions and linear maps, `fully_connected` the linear maps of its
    read-out; `top1` is the published accuracy on ImageNet, NaN where none is known.
    """

    depth: int
    fully_connected: int
    skips: bool
    top1: float


def traits_of(network: Network) -> Traits:
    """Counted in the network itself; accuracy as published with its weights."""
    nn = torch_or_error().nn
    parts = list(network.module.modules())
    readouts = [each for name, each in network.module.named_children() if name in _READOUTS]
    return Traits(
        depth=sum(isinstance(each, (nn.Conv2d, nn.Linear)) for each in parts),
        fully_connected=sum(
            isinstance(each, nn.Linear) for readout in readouts for each in readout.modules()
        ),
        skips=not split_name(network.name)[0].startswith(_WITHOUT_SKIPS),
        top1=float(network.architecture.traits.get("top1", float("nan"))),
    )

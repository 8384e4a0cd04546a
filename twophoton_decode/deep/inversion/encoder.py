"""The encoder: what a network's layers make of a picture, with gradients back to its pixels."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.features.layers import LayerReader
from twophoton_decode.deep.networks.architecture import Architecture, Place
from twophoton_decode.deep.networks.named import Network
from twophoton_decode.errors import UnknownNameError

if TYPE_CHECKING:
    import torch

POOLED_PX = 16
"""Layers with more rows and columns are averaged to so many: cells do not tell finer ones."""


@dataclass(frozen=True, eq=False)
class LayerEncoder:
    """Pictures to the activities of a network's layers.

    Parameters
    ----------
    reader : LayerReader
        Says which units of which layers are read.
    """

    reader: LayerReader

    @classmethod
    def of(
        cls,
        network: Network,
        side: int,
        units: int,
        device: torch.device,
        layers: Sequence[str] = (),
    ) -> LayerEncoder:
        """Of pictures of `side` px; early layers are pooled to 16 × 16 places [ours].

        Parameters
        ----------
        units : int
            Units that a larger layer is cut to; 0: none is.
        layers : sequence of str
            Those that are read; none: all.

        Raises
        ------
        UnknownNameError
            The network has no such layer.
        """
        architecture = network.architecture
        known = tuple(architecture.places(network.module))
        for name in layers:
            if name not in known:
                raise UnknownNameError(f"layer of {network.name}", name, known)
        read = replace(network, architecture=_pooled(architecture, layers or known))
        return cls(LayerReader(read, architecture.side(side), units, device))

    @property
    def side(self) -> int:
        """Of the pictures, px."""
        return self.reader.side

    @property
    def names(self) -> tuple[str, ...]:
        """The layers, early to late."""
        return tuple(self.reader.chosen)

    def __call__(self, pictures: torch.Tensor, layers: Collection[str]) -> dict[str, Any]:
        """Activities (picture, unit) of these layers, of pictures (picture, 3, side, side)."""
        return self.reader.activities(pictures, layers)

    def read(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """The same of an array, without gradients, float32."""
        sizes = [each.size for each in self.reader.chosen.values()]
        parts = np.split(self.reader.read(pictures), np.cumsum(sizes)[:-1], axis=1)
        return dict(zip(self.names, parts, strict=True))


def _pooled(architecture: Architecture, layers: Sequence[str]) -> Architecture:
    """The same network with only these `layers`, none larger than 16 × 16 places."""

    def places(module: Any) -> Mapping[str, Place]:
        every = architecture.places(module).items()
        return {
            name: replace(place, read=_averaged(place)) for name, place in every if name in layers
        }

    return replace(architecture, places=places)


def _averaged(place: Place) -> Any:
    functional = torch_or_error().nn.functional

    def read(output: Any) -> Any:
        layer = place.read(output)
        if layer.ndim != 4 or max(layer.shape[2:]) <= POOLED_PX:
            return layer
        # The next module may write over it, and gradients need it as it was.
        sides = [min(size, POOLED_PX) for size in layer.shape[2:]]
        return functional.adaptive_avg_pool2d(layer.clone(), sides)

    return read

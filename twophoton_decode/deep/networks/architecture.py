"""What an architecture is: its layers, how it takes pictures, how it is built and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from twophoton_decode.deep.weights.published import Published

if TYPE_CHECKING:
    from torch import Tensor, nn

Statistics = tuple[float, float, float]
IMAGENET_MEAN: Statistics = (0.485, 0.456, 0.406)
IMAGENET_SD: Statistics = (0.229, 0.224, 0.225)


def as_it_is(output: Any) -> Any:
    """`Place.read` of a module whose output is the layer."""
    return output


@dataclass(frozen=True)
class Place:
    """Where a layer is read: the output of `module`, turned by `read` into (picture, …)."""

    module: nn.Module
    read: Callable[[Any], Tensor] = as_it_is


@dataclass(frozen=True)
class Architecture:
    """A kind of network, with or without weights.

    Parameters
    ----------
    name : str
    build : callable
        The network with its default initial weights, drawn from PyTorch's generator.
    places : callable
        From the network to where each layer is read, from early to late.
    weights : Published or None
        The weights that belong to it; None where only random ones are known.
    fitted : callable
        From the network and what a file of weights holds to what ``load_state_dict`` takes.
    mean, sd : 3 floats
        Taken off and divided by, in red, green and blue of pictures from 0 to 1.
    multiple : int
        The side of its pictures is a multiple of this, px.
    least_px : int
        The smallest side that it takes.
    fixed_px : int
        The only side that it takes, where there is one; 0: any.
    title : str
        What it is, in a few words.
    traits : mapping
        Published facts: fully connected layers, depth, accuracy.
    library : str
        The package that builds it.
    """

    name: str
    build: Callable[[], nn.Module]
    places: Callable[[nn.Module], Mapping[str, Place]]
    title: str
    weights: Published | None = None
    fitted: Callable[[nn.Module, Mapping[str, Any]], Mapping[str, Any]] = lambda _, held: held
    mean: Statistics = IMAGENET_MEAN
    sd: Statistics = IMAGENET_SD
    multiple: int = 1
    least_px: int = 32
    fixed_px: int = 0
    traits: Mapping[str, Any] = field(default_factory=dict)
    library: str = "timm"

    def side(self, wanted: int) -> int:
        """The side of its pictures, px: `wanted`, or the nearest below that it takes."""
        if self.fixed_px:
            return self.fixed_px
        return max(wanted - wanted % self.multiple, self.least_px)

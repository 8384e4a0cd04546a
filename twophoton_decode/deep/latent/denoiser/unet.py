"""The denoiser's network F: a U-Net over codes that is told the noise level and the condition.

Two scales of residual blocks [Ho et al. 2020; ours in size: 1.0 million weights at width 64]. An
embedding of ln σ / 4 and of the condition scales and shifts the channels of each block.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch

GROUPS = 8
_WAVES = 16
"""Frequencies by which a noise level is told, from 1 to 32 radians per unit of ln σ / 4."""


@dataclass(frozen=True)
class Shape:
    """What a network is built from.

    Attributes
    ----------
    channels : int
        Of codes.
    condition : int
        Values of a condition.
    width : int
        Channels at the full scale; twice as many at half of it. A multiple of 8.
    """

    channels: int
    condition: int
    width: int


def build(shape: Shape, seed: int, *, quiet: bool = True) -> torch.nn.Module:
    """A network with first weights drawn with `seed`.

    Parameters
    ----------
    quiet : bool
        Whether last layers begin at zero, as for training: the network gives zero until it has
        learned. Without, all of its weights are random, and the condition reaches every stage.
    """
    torch = torch_or_error()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _network_class()(_parts(shape, quiet))


STAGES = ("in", "down", "middle", "up", "out")
"""Blocks whose activities stand for the network's stages, from early to late."""


def _parts(shape: Shape, quiet: bool) -> dict[str, Any]:
    """Modules by name, in the order in which their weights are drawn."""
    nn, block = torch_or_error().nn, _block_class()
    width, embedding = shape.width, 4 * shape.width
    sizes = {
        "in": (width, width),
        "down": (width, 2 * width),
        "middle": (2 * width, 2 * width),
        "up": (3 * width, width),
        "out": (2 * width, width),
    }
    return {
        "level": nn.Linear(2 * _WAVES, embedding),
        "condition": nn.Linear(shape.condition, embedding),
        "embed": nn.Sequential(nn.SiLU(), nn.Linear(embedding, embedding), nn.SiLU()),
        "take": nn.Conv2d(shape.channels, width, 3, padding=1),
        "blocks": nn.ModuleDict(
            {name: block(*size, embedding, quiet) for name, size in sizes.items()}
        ),
        "give": nn.Sequential(
            nn.GroupNorm(GROUPS, width),
            nn.SiLU(),
            _last(nn.Conv2d(width, shape.channels, 3, padding=1), quiet),
        ),
    }


def _last(layer: Any, quiet: bool) -> Any:
    """The layer, with weights of zero where it is to be quiet."""
    if quiet:
        init = torch_or_error().nn.init
        init.zeros_(layer.weight)
        init.zeros_(layer.bias)
    return layer


@cache
def _block_class() -> Any:
    torch = torch_or_error()
    nn, functional = torch.nn, torch.nn.functional

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, before: int, after: int, embedding: int, quiet: bool) -> None:
            super().__init__()
            self.first = nn.Sequential(
                nn.GroupNorm(GROUPS, before), nn.SiLU(), nn.Conv2d(before, after, 3, padding=1)
            )
            self.told = nn.Linear(embedding, 2 * after)
            self.norm = nn.GroupNorm(GROUPS, after)
            self.second = _last(nn.Conv2d(after, after, 3, padding=1), quiet)
            self.beside = nn.Conv2d(before, after, 1) if before != after else nn.Identity()

        def forward(self, found: Any, told: Any) -> Any:
            scale, shift = self.told(told)[:, :, None, None].chunk(2, dim=1)
            inner = self.norm(self.first(found)) * (1 + scale) + shift
            return self.beside(found) + self.second(functional.silu(inner))

    return Block


@cache
def _network_class() -> Any:
    torch = torch_or_error()
    nn, functional = torch.nn, torch.nn.functional

    class Denoiser(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, parts: dict[str, Any]) -> None:
            super().__init__()
            self.register_buffer("waves", torch.logspace(0, 1.5, _WAVES), persistent=False)
            for name, part in parts.items():
                self.add_module(name, part)

        def forward(self, code: Any, level: Any, condition: Any) -> Any:
            phase = level[:, None] * self.waves
            waves = torch.cat([phase.sin(), phase.cos()], dim=1)
            told = self.embed(self.level(waves) + self.condition(condition))
            block = self.blocks
            first = self.take(code)
            found = block["in"](first, told)
            half = block["down"](functional.avg_pool2d(found, 2), told)
            half = block["middle"](half, told)
            wide = functional.interpolate(half, size=found.shape[-2:], mode="nearest")
            wide = block["up"](torch.cat([wide, found], dim=1), told)
            return self.give(block["out"](torch.cat([wide, first], dim=1), told))

    return Denoiser

"""TAESD's layout, a small autoencoder of pictures [github.com/madebyollin/taesd, MIT].

Blocks of three convolutions at 64 channels, three times halved or doubled, so that a code has
an eighth of the picture's side. Pictures are red, green and blue from 0 to 1 on both sides.
Names of tensors are those of the published files.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from twophoton_decode.deep.extra import torch_or_error

WIDTH = 64
DOWNWARDS = 8
"""Pixels of a picture beside one place of the code."""
_BLOCKS = 3
_GROUPS, _WIDER = 4, 4
_SOFT_LIMIT = 3.0
"""Codes are bent to within ± this before they are decoded."""


def encoder(channels: int, pooled: bool) -> Any:
    """From pictures (n, 3, y, x) to codes (n, channels, y/8, x/8).

    Parameters
    ----------
    channels : int
    pooled : bool
        Whether the blocks nearest to the code look at statistics over the whole picture.
    """
    nn, block = torch_or_error().nn, _block_class()
    layers = [_convolution(3, WIDTH), block(False)]
    for scale in range(3):
        layers.append(_convolution(WIDTH, WIDTH, stride=2, bias=False))
        layers += [block(pooled and scale == 2) for _ in range(_BLOCKS)]
    return nn.Sequential(*layers, _convolution(WIDTH, channels))


def decoder(channels: int, pooled: bool) -> Any:
    """From codes (n, channels, y/8, x/8) to pictures (n, 3, y, x)."""
    nn, block = torch_or_error().nn, _block_class()
    layers = [_limit_class()(), _convolution(channels, WIDTH), nn.ReLU()]
    for scale in range(3):
        layers += [block(pooled and scale == 0) for _ in range(_BLOCKS)]
        layers += [nn.Upsample(scale_factor=2), _convolution(WIDTH, WIDTH, bias=False)]
    return nn.Sequential(*layers, block(False), _convolution(WIDTH, 3))


def _convolution(before: int, after: int, **more: Any) -> Any:
    return torch_or_error().nn.Conv2d(before, after, 3, padding=1, **more)


@cache
def _limit_class() -> Any:
    torch = torch_or_error()

    class SoftLimit(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, code: Any) -> Any:
            return torch.tanh(code / _SOFT_LIMIT) * _SOFT_LIMIT

    return SoftLimit


@cache
def _block_class() -> Any:
    nn = torch_or_error().nn

    class Block(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self, pooled: bool) -> None:
            super().__init__()
            convolve = [_convolution(WIDTH, WIDTH) for _ in range(3)]
            self.conv = nn.Sequential(convolve[0], nn.ReLU(), convolve[1], nn.ReLU(), convolve[2])
            self.fuse = nn.ReLU()
            self.pool = _pool(WIDTH) if pooled else None

        def forward(self, found: Any) -> Any:
            if self.pool is not None:
                found = found + self.pool(found)
            return self.fuse(self.conv(found) + found)

    return Block


def _pool(width: int) -> Any:
    nn = torch_or_error().nn
    wide = _WIDER * width
    inwards, outwards = nn.Conv2d(width, wide, 1, bias=False), nn.Conv2d(wide, width, 1, bias=False)
    return nn.Sequential(inwards, nn.GroupNorm(_GROUPS, wide), nn.ReLU(), outwards)

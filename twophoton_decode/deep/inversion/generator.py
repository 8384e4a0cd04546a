"""The generator: from what is optimised to a picture, through an autoencoder or through nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch

    from twophoton_decode.deep.networks.autoencoders.generator import Generator as Coder

LUMA = (0.2126, 0.7152, 0.0722)
"""Of red, green and blue of sRGB as stored, as everywhere in this program."""


class Generator(Protocol):
    """From latents (picture, …) to pictures (picture, 3, side, side) from 0 to 1."""

    @property
    def name(self) -> str:
        """What it is called."""

    def __call__(self, latent: torch.Tensor) -> torch.Tensor:
        """Pictures, through which gradients pass."""


@dataclass(frozen=True)
class Pixels:
    """No generator: every pixel for itself, kept between 0 and 1 by the logistic function.

    Parameters
    ----------
    channels : int
        1 for grey pictures, 3 for colours.
    side : int
        Of the pictures, px.
    """

    channels: int
    side: int
    name = "pixels"

    def __call__(self, latent: torch.Tensor) -> torch.Tensor:
        """Pictures of logits (picture, channels, side, side)."""
        return latent.sigmoid().expand(-1, 3, -1, -1)

    def flat(self, colour: np.ndarray) -> np.ndarray:
        """Logits of a picture of one colour, (1, channels, side, side).

        Parameters
        ----------
        colour : ndarray, shape (3,)
            From 0 to 1.
        """
        inside = np.clip(colour[: self.channels], 0.01, 0.99)
        logits = np.log(inside / (1 - inside)).astype(np.float32)
        return np.tile(logits[None, :, None, None], (1, 1, self.side, self.side))


@dataclass(frozen=True, eq=False)
class Decoded:
    """The decoder of an autoencoder, whose encoder gives any picture a code.

    Parameters
    ----------
    autoencoder : Coder
        Says what it can know of test pictures.
    grey : bool
        Pictures are luma in all three channels.
    """

    autoencoder: Coder
    grey: bool

    @property
    def name(self) -> str:
        """That of the autoencoder."""
        return self.autoencoder.name

    def __call__(self, latent: torch.Tensor) -> torch.Tensor:
        """Pictures of codes."""
        return in_range(self.autoencoder.decoder(latent), grey=self.grey)


def in_range(pictures: torch.Tensor, *, grey: bool) -> torch.Tensor:
    """Clamped to 0 … 1, and luma in all three channels where they are `grey`."""
    if grey:
        weight = torch_or_error().tensor(LUMA, device=pictures.device)[:, None, None]
        pictures = (pictures * weight).sum(dim=1, keepdim=True).expand(-1, 3, -1, -1)
    return pictures.clamp(0, 1)

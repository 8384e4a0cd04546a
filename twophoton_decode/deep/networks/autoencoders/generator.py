"""What a generator of pictures is to the program: a code, and the way to it and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch


class Generator(Protocol):
    """Makes pictures from codes z, and codes from pictures.

    Pictures are float32 (n, 3, y, x) of red, green and blue from 0 to 1, y = x = side.
    """

    @property
    def name(self) -> str:
        """With ``@random:SEED`` where its weights are random."""

    @property
    def sha256(self) -> str:
        """Of its files of weights, with a space between; empty where they are random."""

    @property
    def drawn_by(self) -> str:
        """The libraries that drew random weights; empty for weights of files."""

    @property
    def knowledge(self) -> str:
        """What it can know of test pictures, as a reader is told."""

    @property
    def encoder(self) -> Any:
        """A torch module on `device`, in evaluation mode; gradients pass through."""

    @property
    def decoder(self) -> Any:
        """Likewise; its pictures may pass 0 and 1 a little."""

    @property
    def device(self) -> torch.device:
        """Where both compute."""

    def latent_shape(self, side: int) -> tuple[int, int, int]:
        """Channels, y and x of the code of a picture of this side, px."""

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Codes, float32 (n, channels, y, x); grey pictures (n, y, x) count as three alike."""

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Pictures (n, 3, y, x), cut to 0 … 1."""

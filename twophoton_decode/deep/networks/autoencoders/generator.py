"""What a generator of pictures is to the program: a code, and the way to it and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    import torch


class Generator(Protocol):
    """Makes pictures from codes z, and codes from pictures.

    Pictures are float32 (n, 3, y, x) of red, green and blue from 0 to 1, y = x = side.

    Attributes
    ----------
    name : str
        With ``@random:SEED`` where its weights are random.
    sha256 : str
        Of its files of weights, one after another with a space between; empty where random.
    drawn_by : str
        The libraries that drew random weights; empty for weights of files.
    knowledge : str
        What it can know of test pictures, in a sentence for the reader.
    encoder, decoder : torch.nn.Module
        In evaluation mode, on `device`, without gradients of their own: gradients pass through.
    """

    name: str
    sha256: str
    drawn_by: str
    knowledge: str
    encoder: Any
    decoder: Any
    device: torch.device

    def latent_shape(self, side: int) -> tuple[int, int, int]:
        """Channels, y and x of the code of a picture of this side, px."""

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Codes, float32 (n, channels, y, x); grey pictures (n, y, x) count as three alike."""

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Pictures (n, 3, y, x), cut to 0 … 1."""

"""Features to a picture: ``loss = critic(encoder(generator(latent)), target)``, and downwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.inversion.critic import Critic, Target
from twophoton_decode.deep.inversion.descent import Descent, Reached
from twophoton_decode.deep.inversion.encoder import LayerEncoder
from twophoton_decode.deep.inversion.generator import Generator
from twophoton_decode.deep.inversion.latent import Latent

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class Inverted:
    """A picture (3, side, side) from 0 to 1, and how its latent was reached."""

    picture: np.ndarray
    reached: Reached

    @property
    def doubt(self) -> str:
        """Why the picture is not what was asked for; empty: it is."""
        if not self.reached.finite:
            return "the loss stopped being a number; the best picture before that is kept"
        if not self.reached.improved:
            return "no step came nearer to the decoded features than the start"
        return ""


@dataclass(frozen=True, eq=False)
class Inversion:
    """Finds a picture whose features are those wanted.

    Pictures are optimised one at a time, so that none depends on what it is decoded with
    [ours: L-BFGS has one step size for all that it moves].
    """

    encoder: LayerEncoder
    generator: Generator
    critic: Critic
    descent: Descent

    def __call__(self, latent: Latent, target: Target) -> Inverted:
        """The picture of one row of decoded features.

        Parameters
        ----------
        latent : Latent
        target : Target
            Of one picture.
        """

        def loss(value: Any) -> Any:
            pictures = self.generator(value)
            layers = self.encoder(pictures, target.unit)
            judged = self.critic(layers, target, pictures)
            return (judged + latent.penalty(value)).sum()

        reached = self.descent(loss, self._tensor(latent.start))
        return Inverted(self.generated(reached.latent)[0], reached)

    def generated(self, latent: np.ndarray) -> np.ndarray:
        """Pictures (n, 3, side, side) of latents (n, …), without any optimisation."""
        with torch_or_error().inference_mode():
            return np.asarray(self.generator(self._tensor(latent)).cpu().numpy())

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        torch = torch_or_error()
        return torch.from_numpy(np.asarray(values, np.float32)).to(self.encoder.reader.device)

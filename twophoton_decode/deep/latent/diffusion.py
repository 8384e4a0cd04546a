"""Codes of responses, cleaned by a denoiser that is told what the picture is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.latent.content import DecodedContent
from twophoton_decode.deep.latent.decoded_codes import DecodedCodes
from twophoton_decode.deep.latent.denoiser.condition import told
from twophoton_decode.deep.latent.denoiser.file import Denoiser
from twophoton_decode.deep.latent.denoiser.noise import noise_levels, sampled
from twophoton_decode.deep.latent.populations import Sources

Drive = Literal["both", "z", "c"]
_AT_ONCE = 32


@dataclass(frozen=True)
class Sampling:
    """How a code is sampled.

    Attributes
    ----------
    strength : float
        See `noise.noise_levels`.
    steps : int
    seed : int
        Of the one noise that all pictures get: nothing is drawn twice, nothing is chosen.
    """

    strength: float
    steps: int
    seed: int


@dataclass(frozen=True, eq=False)
class Diffusion:
    """One sample for each response: the decoded code z noised, and denoised given c.

    Attributes
    ----------
    codes : DecodedCodes
    content : DecodedContent
    sources : Sources
    denoiser : Denoiser
        Its network on the device where it computes.
    sampling : Sampling
    """

    codes: DecodedCodes
    content: DecodedContent
    sources: Sources
    denoiser: Denoiser
    sampling: Sampling

    def sample(self, R: np.ndarray, trials: int, drive: Drive = "both") -> np.ndarray:
        """Codes (n, channels, y, x) of responses (n, cells) that are means over so many trials.

        z alone: the denoiser is told nothing. c alone: it begins with noise.
        """
        z = self.codes.codes(R[:, self.sources.of_code], trials)
        components, reliability = self.content.components(R[:, self.sources.of_content], trials)
        return self.cleaned(z, components, reliability, drive)

    def cleaned(
        self, z: np.ndarray, components: np.ndarray, reliability: np.ndarray, drive: Drive
    ) -> np.ndarray:
        """The same of codes z and components, decoded or true."""
        scale = self.denoiser.scale
        start = np.zeros_like(z) if drive == "c" else scale.standard(z)
        condition = told(components, np.zeros_like(reliability) if drive == "z" else reliability)
        strength = 1.0 if drive == "c" else self.sampling.strength
        levels = noise_levels(strength, self.sampling.steps)
        noise = np.random.default_rng(self.sampling.seed).standard_normal(z.shape[1:])
        made = [
            self._sampled(
                start[row : row + _AT_ONCE], noise, levels, condition[row : row + _AT_ONCE]
            )
            for row in range(0, len(z), _AT_ONCE)
        ]
        return scale.back(np.concatenate(made)) if made else z

    def _sampled(
        self, start: np.ndarray, noise: np.ndarray, levels: np.ndarray, condition: np.ndarray
    ) -> np.ndarray:
        torch, network = torch_or_error(), self.denoiser.network
        device = next(network.parameters()).device
        same = np.broadcast_to(noise, start.shape)
        given = [
            torch.from_numpy(np.ascontiguousarray(each, np.float32)).to(device)
            for each in (start, same, condition)
        ]
        with torch.inference_mode():
            found = sampled(network, given[0], given[1], levels, given[2])
        return np.asarray(found.numpy(force=True))

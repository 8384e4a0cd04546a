"""How much noise a code is given and how it is taken off again [Karras et al. 2022, "EDM"].

Codes x are standardised: mean 0, SD 1 in each channel over the training pictures. A noised code is
x + σ n with n standard normal. The network F is asked for what is left to say:

    D(y; σ, c) = y / (σ² + 1) + σ / √(σ² + 1) · F(y / √(σ² + 1); ln σ / 4, c)

and the loss of D, (σ² + 1) / σ² · ‖D − x‖², makes every σ count alike. In training ln σ is normal,
mean 0, SD 1.2. In sampling σ falls from σ(strength) to 0 in even steps of σ^(1/7).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from twophoton_decode.deep.extra import torch_or_error

MOST, LEAST = 10.0, 0.02
"""σ at strength 1, where nothing of a code is left, and the last one above 0."""
RHO = 7.0
LOG_MEAN, LOG_SD = 0.0, 1.2


def noise_levels(strength: float, steps: int) -> np.ndarray:
    """σ before each of `steps` steps from a strength in (0, 1], and the 0 after the last.

    Strength says how far up the whole way from `LEAST` to `MOST` the code is put, as in
    Takagi & Nishimoto (2023), who use 0.8: there σ = 4.2.
    """
    low, high = LEAST ** (1 / RHO), MOST ** (1 / RHO)
    first = low + strength * (high - low)
    return np.append(np.linspace(first, low, steps) ** RHO, 0.0)


def drawn_levels(count: int, rng: np.random.Generator) -> np.ndarray:
    """σ of training examples, (count,)."""
    return np.exp(rng.normal(LOG_MEAN, LOG_SD, count))


def denoised(network: Any, noised: Any, sigma: Any, condition: Any) -> Any:
    """D(y; σ, c) of noised codes (n, channels, y, x), with σ (n,) and conditions (n, values)."""
    spread = (sigma**2 + 1)[:, None, None, None]
    given = network(noised / spread.sqrt(), sigma.log() / 4, condition)
    return noised / spread + sigma[:, None, None, None] / spread.sqrt() * given


def loss(network: Any, codes: Any, noise: Any, sigma: Any, condition: Any) -> Any:
    """The weighted squared error, a mean over values and examples."""
    found = denoised(network, codes + sigma[:, None, None, None] * noise, sigma, condition)
    weight = (sigma**2 + 1) / sigma**2
    return (weight * ((found - codes) ** 2).mean(dim=(1, 2, 3))).mean()


def sampled(
    network: Any,
    codes: Any,
    noise: Any,
    levels: np.ndarray,
    condition: Any,
    watch: Callable[[int, Any, Any], None] | None = None,
) -> Any:
    """One sample for each code: noised to the first level, and down to 0.

    Steps of Euler along dy/dσ = (y − D) / σ, which draw no further numbers: one code, one
    noise, one condition give one picture. `watch` is told each step, its codes and its σ before
    noise is taken off.
    """
    torch = torch_or_error()
    found = codes + float(levels[0]) * noise
    for step, (now, then) in enumerate(pairwise(levels)):
        sigma = torch.full((len(codes),), float(now), device=found.device)
        if watch:
            watch(step, found, sigma)
        direction = (found - denoised(network, found, sigma, condition)) / float(now)
        found = found + float(then - now) * direction
    return found

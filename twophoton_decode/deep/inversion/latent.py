"""The latent: what is optimised, where it starts, and what is known of it beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, eq=False)
class Latent:
    """One picture's latent.

    Attributes
    ----------
    start : ndarray, shape (1, …)
    centre, variance : ndarray, shape (1, …) each, or None
        Of the prior; without it nothing is known.
    pull : float
        λ: how much the prior counts beside the features.
    """

    start: np.ndarray
    centre: np.ndarray | None = None
    variance: np.ndarray | None = None
    pull: float = 0.0

    def penalty(self, value: torch.Tensor) -> torch.Tensor:
        """λ times the mean of (z − μ)² / σ² over the code, (picture,); 0 without a prior."""
        torch = torch_or_error()
        if self.centre is None or self.variance is None or not self.pull:
            return torch.zeros(len(value), device=value.device)
        centre, variance = (
            torch.as_tensor(each, device=value.device) for each in (self.centre, self.variance)
        )
        return self.pull * ((value - centre) ** 2 / variance).flatten(1).mean(dim=1)

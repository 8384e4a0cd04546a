"""The critic: how far a picture's features are from those that were decoded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Target:
    """Features that a picture should have: of each layer some units, and their values.

    `unit` and `value` hold, by layer, (units,) indices and (picture, units) activities; `weight`
    how much a layer counts, 1 where it says nothing.
    """

    unit: Mapping[str, np.ndarray]
    value: Mapping[str, np.ndarray]
    weight: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, rows: slice | np.ndarray) -> Target:
        """The same of some pictures."""
        return replace(self, value={name: each[rows] for name, each in self.value.items()})

    def only(self, layers: tuple[str, ...]) -> Target:
        """The same of these layers."""
        unit, value = ({name: of[name] for name in layers} for of in (self.unit, self.value))
        return Target(unit, value, self.weight)


@dataclass(frozen=True)
class Critic:
    """Σ_l w_l ‖φ_l(x) − ŷ_l‖² / ‖ŷ_l‖² + s · TV(x) [field: Shen et al. 2019; TV ours].

    Parameters
    ----------
    smoothness : float
        s, the weight of the total variation; w are those of the target.
    """

    smoothness: float = 0.0

    def __call__(
        self, layers: Mapping[str, torch.Tensor], target: Target, pictures: torch.Tensor
    ) -> torch.Tensor:
        """The loss of each picture, (picture,).

        Parameters
        ----------
        layers : mapping of str to tensor, shape (picture, units)
            What the encoder makes of `pictures` (picture, 3, y, x).
        """
        torch = torch_or_error()
        loss = self.smoothness * total_variation(pictures)
        for name, unit in target.unit.items():
            found = layers[name].index_select(1, torch.as_tensor(unit, device=pictures.device))
            wanted = torch.as_tensor(target.value[name], device=pictures.device).to(found.dtype)
            error = ((found - wanted) ** 2).sum(dim=1) / (wanted**2).sum(dim=1)
            loss = loss + target.weight.get(name, 1.0) * error
        return loss


def total_variation(pictures: torch.Tensor) -> torch.Tensor:
    """Mean squared difference of neighbouring pixels, down and across, (picture,)."""
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]) ** 2
    across = (pictures[..., 1:] - pictures[..., :-1]) ** 2
    return down.mean(dim=(1, 2, 3)) + across.mean(dim=(1, 2, 3))

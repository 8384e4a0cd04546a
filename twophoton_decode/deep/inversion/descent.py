"""Two ways down: L-BFGS for pixels, Adam for the code of a generator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch

Loss = Callable[[Any], Any]
"""From a latent (1, …) to its loss, a number."""
HISTORY = 10
"""Pairs of steps that L-BFGS remembers."""


class Reached(NamedTuple):
    """The best latent that was met, its loss, and the loss at the start.

    `finite` is false where the loss or its gradient stopped being a number.
    """

    latent: np.ndarray
    loss: float
    first: float
    finite: bool

    @property
    def improved(self) -> bool:
        """Whether the features came nearer than those of the start."""
        return self.loss < self.first


@dataclass(frozen=True)
class Descent:
    """How a latent is optimised.

    Parameters
    ----------
    method : "lbfgs" or "adam"
    steps : int
        At most.
    rate : float
        Of Adam's steps; L-BFGS searches for its own.
    """

    method: Literal["lbfgs", "adam"]
    steps: int
    rate: float = 0.05

    def __call__(self, loss: Loss, start: torch.Tensor) -> Reached:
        """Go down from `start` (1, …), and return the best that was met."""
        met = _Best(loss, start.clone().requires_grad_())
        met.evaluate()
        first = met.loss
        {"lbfgs": self._lbfgs, "adam": self._adam}[self.method](met)
        return Reached(met.best.cpu().numpy(), met.loss, first, met.finite)

    def _lbfgs(self, met: _Best) -> None:
        optimiser = torch_or_error().optim.LBFGS(
            [met.latent], max_iter=self.steps, history_size=HISTORY, line_search_fn="strong_wolfe"
        )
        optimiser.step(met.evaluate)

    def _adam(self, met: _Best) -> None:
        optimiser = torch_or_error().optim.Adam([met.latent], lr=self.rate)
        for _ in range(self.steps):
            if not met.finite:
                return
            optimiser.step()
            met.evaluate()


class _Best:
    """A latent that is moved, and the best place where its loss was evaluated."""

    def __init__(self, of: Loss, latent: Any) -> None:
        self._of, self.latent = of, latent
        self.best, self.loss, self.finite = latent.detach().clone(), float("inf"), True

    def evaluate(self) -> Any:
        """The loss here, with its gradient in the latent."""
        torch = torch_or_error()
        self.latent.grad = None
        loss = self._of(self.latent)
        loss.backward()
        value = float(loss.detach())
        if not (np.isfinite(value) and bool(torch.isfinite(self.latent.grad).all())):
            self.finite = False
        elif value < self.loss:
            self.best, self.loss = self.latent.detach().clone(), value
        return loss.detach()

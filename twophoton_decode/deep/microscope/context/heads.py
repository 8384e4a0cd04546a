"""Four ways to judge a proposal: by itself, or with the other proposals of its field.

All have the same number of parameters, so that what differs is the context alone.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import nn

WIDTH: Final = 64
_PARTS: Final = 4
ATTENTION: Final = ("none", "self", "source-target", "lambda")


class Alone(nn.Module):
    """No context: the same number of parameters, spent on the proposal itself."""

    def __init__(self) -> None:
        super().__init__()
        # Two square maps in and two out, as attention has.
        self.wide = nn.Linear(WIDTH, 2 * WIDTH, bias=False)
        self.back = nn.Linear(2 * WIDTH, WIDTH, bias=False)

    def forward(self, own: torch.Tensor, others: torch.Tensor, sure: torch.Tensor) -> torch.Tensor:
        """(proposals, width) from (proposals, width); the others are not looked at."""
        return self.back(torch.relu(self.wide(own)))


class _Queries(nn.Module):
    """Query, key, value and output maps without bias."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (
            nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(4)
        )

    def parts(self, own: torch.Tensor, others: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Queries, keys and values, (parts, proposals, width / parts)."""
        pairs = ((self.query, own), (self.key, others), (self.value, others))
        q, k, v = (layer(x).view(len(x), _PARTS, -1).transpose(0, 1) for layer, x in pairs)
        return q, k, v

    def joined(self, parts: torch.Tensor) -> torch.Tensor:
        """(proposals, width) from (parts, proposals, width / parts)."""
        return self.out(parts.transpose(0, 1).flatten(1))


class SelfAttention(_Queries):
    """Every proposal attends over all of its field (Vaswani et al. 2017)."""

    def forward(self, own: torch.Tensor, others: torch.Tensor, sure: torch.Tensor) -> torch.Tensor:
        """(proposals, width) from queries of `own`, keys and values of `others`."""
        q, k, v = self.parts(own, others)
        weight = torch.softmax(q @ k.transpose(1, 2) / q.shape[-1] ** 0.5, dim=-1)
        return self.joined(weight @ v)


class SourceTarget(_Queries):
    """The same, but clear proposals count more: keys are weighted by first-stage scores."""

    def forward(self, own: torch.Tensor, others: torch.Tensor, sure: torch.Tensor) -> torch.Tensor:
        """As self-attention; `sure`, (others,), are scores from 0 to 1."""
        q, k, v = self.parts(own, others)
        likeness = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
        weight = torch.softmax(likeness + torch.log(sure.clamp(min=1e-3)), dim=-1)
        return self.joined(weight @ v)


class Lambda(_Queries):
    """The field is summed up in one linear map, applied to every proposal (Bello 2021)."""

    def forward(self, own: torch.Tensor, others: torch.Tensor, sure: torch.Tensor) -> torch.Tensor:
        """As self-attention; keys are normalised over the field, not over each query."""
        q, k, v = self.parts(own, others)
        summed = torch.softmax(k, dim=1).transpose(1, 2) @ v
        return self.joined(q @ summed)


_CONTEXT: Final = {
    "none": Alone,
    "self": SelfAttention,
    "source-target": SourceTarget,
    "lambda": Lambda,
}


class ContextHead(nn.Module):
    """From pooled features of the proposals of one field to what they are judged by.

    Parameters
    ----------
    attention : str
        One of `ATTENTION`.
    pooled : int
        Values a proposal has after pooling.
    """

    def __init__(self, attention: str, pooled: int) -> None:
        super().__init__()
        self.look = nn.Sequential(nn.Flatten(), nn.Linear(pooled, WIDTH), nn.LayerNorm(WIDTH))
        self.context = _CONTEXT[attention]()
        self.joined = nn.Sequential(nn.Linear(2 * WIDTH, WIDTH), nn.ReLU())

    def forward(
        self,
        pooled: torch.Tensor,
        sure: torch.Tensor,
        context: tuple[torch.Tensor, torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """What the second stage sees of each proposal, (proposals, width).

        Parameters
        ----------
        pooled : Tensor, shape (proposals, channels, y, x)
        sure : Tensor, shape (proposals,)
            First-stage scores, 0 to 1.
        context : tuple of Tensor, optional
            Pooled features and scores of the proposals to attend over, where they are not
            the proposals themselves.
        """
        own = torch.relu(self.look(pooled))
        others, sure = (
            (own, sure) if context is None else (self.look(context[0]).relu(), context[1])
        )
        return self.joined(torch.cat([own, self.context(own, others, sure)], dim=1))

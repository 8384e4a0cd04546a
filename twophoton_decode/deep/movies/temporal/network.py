"""A small spatio-temporal network that corrects clips; at first it leaves them as they are.

Three convolutions over time and space, 3 × 3 × 3 each, the second one reaching twice as far:
about 8000 weights [ours].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch

WIDTH = 16
REACHES = (1, 2, 1)
"""Steps between the places that each convolution reads."""


def clip_network(seed: int) -> torch.nn.Module:
    """A network from clips (n, 1, frames, y, x) to corrected ones; `seed` draws its weights."""
    torch = torch_or_error()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _module()


def _module() -> Any:
    torch = torch_or_error()
    nn = torch.nn

    class ClipCorrection(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            before, after = (1, WIDTH, WIDTH), (WIDTH, WIDTH, 1)
            self.layers = nn.ModuleList(
                nn.Conv3d(a, b, 3, padding=reach, dilation=reach, padding_mode="replicate")
                for a, b, reach in zip(before, after, REACHES, strict=True)
            )
            # So that the first output is the input.
            nn.init.zeros_(self.layers[-1].weight)
            nn.init.zeros_(self.layers[-1].bias)

        def forward(self, clip: Any) -> Any:
            found = clip
            for layer in self.layers[:-1]:
                found = nn.functional.gelu(layer(found))
            return clip + self.layers[-1](found)

    return ClipCorrection()

"""A small U-Net that corrects pictures; before it has learned anything it returns them as they are.

About 0.12 million weights: three scales, two convolutions each, group normalisation, so that no
picture depends on the others of its batch [Ronneberger et al. 2015; ours in size].
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch

WIDTHS = (16, 32, 64)
GROUPS = 8


def correction_network(seed: int) -> torch.nn.Module:
    """A network from pictures (n, 1, y, x) to corrected ones, its weights drawn with `seed`."""
    torch = torch_or_error()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _module()


def _module() -> Any:
    torch = torch_or_error()
    nn, functional = torch.nn, torch.nn.functional

    def block(before: int, after: int) -> Any:
        layers = []
        for width in (before, after):
            layers += [
                nn.Conv2d(width, after, 3, padding=1, padding_mode="replicate"),
                nn.GroupNorm(GROUPS, after),
                nn.GELU(),
            ]
        return nn.Sequential(*layers)

    class Correction(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            inwards = zip((1, *WIDTHS[:-1]), WIDTHS, strict=True)
            self.down = nn.ModuleList([block(before, after) for before, after in inwards])
            outwards = list(zip(WIDTHS[1:], WIDTHS[:-1], strict=True))[::-1]
            self.up = nn.ModuleList([block(wide + thin, thin) for wide, thin in outwards])
            self.last = nn.Conv2d(WIDTHS[0], 1, 1)
            # So that the first output is the input.
            nn.init.zeros_(self.last.weight)
            nn.init.zeros_(self.last.bias)

        def forward(self, picture: Any) -> Any:
            kept, found = [], picture
            for scale, each in enumerate(self.down):
                found = each(functional.avg_pool2d(found, 2, ceil_mode=True) if scale else found)
                kept.append(found)
            for each, beside in zip(self.up, kept[-2::-1], strict=True):
                larger = functional.interpolate(found, size=beside.shape[-2:], mode="nearest")
                found = each(torch.cat([larger, beside], dim=1))
            return picture + self.last(found)

    return Correction()

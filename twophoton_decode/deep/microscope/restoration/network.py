"""A U-Net from a few successive frames to the middle one, restored.

Four scales, two convolutions each, 0.49 million weights [Ronneberger et al. 2015; ours in size].
It has no normalisation: a frame's brightness must come out as it went in, and what one part of a
frame becomes must not depend on what another part does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch

WIDTHS = (16, 32, 64, 128)
WINDOW = 7
"""Frames that it sees: the restored one in the middle."""
EVENT_PX = 5
"""Side of the square over which changes of the middle frame are averaged before training."""
CHANGE = 5.0
"""What changes within a window enters larger than its mean, of which it is a small part."""


def build(seed: int, window: int = WINDOW) -> torch.nn.Module:
    """A network from windows (n, window, y, x) to frames (n, y, x); weights drawn with `seed`.

    Untrained, it returns the mean of the window, and what changed in the middle frame over
    5 x 5 px: it begins as a moving average that keeps events of the size of a cell.
    """
    torch = torch_or_error()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _module(window)


def _module(window: int) -> Any:
    torch = torch_or_error()
    nn, functional = torch.nn, torch.nn.functional

    def block(before: int, after: int) -> Any:
        layers = []
        for width in (before, after):
            layers += [
                nn.Conv2d(width, after, 3, padding=1, padding_mode="replicate"),
                nn.LeakyReLU(0.1, inplace=True),
            ]
        return nn.Sequential(*layers)

    def smoothed(frame: Any) -> Any:
        around = functional.pad(frame, [EVENT_PX // 2] * 4, mode="replicate")
        return functional.avg_pool2d(around, EVENT_PX, stride=1)

    class Restoration(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            inwards = zip((window + 2, *WIDTHS[:-1]), WIDTHS, strict=True)
            self.down = nn.ModuleList([block(before, after) for before, after in inwards])
            outwards = list(zip(WIDTHS[1:], WIDTHS[:-1], strict=True))[::-1]
            self.up = nn.ModuleList([block(wide + thin, thin) for wide, thin in outwards])
            self.last = nn.Conv2d(WIDTHS[0], 1, 1)
            nn.init.zeros_(self.last.weight)
            nn.init.zeros_(self.last.bias)

        def forward(self, frames: Any) -> Any:
            mean = frames.mean(dim=1, keepdim=True)
            change = frames - mean
            event = smoothed(change[:, [window // 2]])
            kept, found = [], torch.cat([CHANGE * change, CHANGE * event, mean], dim=1)
            for scale, each in enumerate(self.down):
                found = each(functional.avg_pool2d(found, 2, ceil_mode=True) if scale else found)
                kept.append(found)
            for each, beside in zip(self.up, kept[-2::-1], strict=True):
                larger = functional.interpolate(found, size=beside.shape[-2:], mode="nearest")
                found = each(torch.cat([larger, beside], dim=1))
            return (mean + event + self.last(found))[:, 0]

    return Restoration()

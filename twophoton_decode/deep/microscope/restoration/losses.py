"""What a restored frame is judged by while a network learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from twophoton_decode.deep.end_to_end.loss import picture_loss

if TYPE_CHECKING:
    import torch

METHODS: Final = ("ssim", "mse", "pix2pix")


def mean_square(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """The mean squared error of frames (n, y, x)."""
    return ((found - wanted) ** 2).mean()


def similarity(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Half of 1 - SSIM, and 10 x squared error, of frames (n, y, x) whose data range is 1.

    SSIM alone hardly minds how bright a patch is: a network fitted by it flattened events.
    """
    return picture_loss(found[:, None], wanted[:, None]).mean()

"""What a restored frame is judged by while a network learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from twophoton_decode.deep.end_to_end.loss import structural_similarity

if TYPE_CHECKING:
    import torch

METHODS: Final = ("ssim", "mse", "pix2pix")


def mean_square(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """The mean squared error of frames (n, y, x)."""
    return ((found - wanted) ** 2).mean()


def one_minus_ssim(found: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """1 - SSIM of frames (n, y, x) whose data range is 1 [Wang et al. 2004]."""
    return 1 - structural_similarity(found[:, None], wanted[:, None]).mean()

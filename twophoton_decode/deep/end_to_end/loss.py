"""What a corrected picture is judged by: ½ · 20 · MSE + ½ (1 − SSIM), in the range of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch

WINDOW = 7
MSE_FACTOR = 20.0
_K1, _K2 = 0.01, 0.03


def picture_loss(found: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """The loss of each picture, (n,), of pictures (n, 1, y, x) whose range is 1."""
    error = ((found - true) ** 2).mean(dim=(1, 2, 3))
    return 0.5 * MSE_FACTOR * error + 0.5 * (1 - structural_similarity(found, true))


def structural_similarity(found: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """Mean SSIM of each picture, (n,) [Wang et al. 2004], as scikit-image computes it by default.

    Windows of 7 px, or the whole picture where it is smaller; the data range is 1.
    """
    side = min(WINDOW, *found.shape[-2:])
    side -= 1 - side % 2
    size = side**2

    def mean(values: Any) -> Any:
        return torch_or_error().nn.functional.avg_pool2d(values, side, stride=1)

    mean_found, mean_true = mean(found), mean(true)
    sample = size / max(size - 1, 1)
    var_found = sample * (mean(found**2) - mean_found**2)
    var_true = sample * (mean(true**2) - mean_true**2)
    both = sample * (mean(found * true) - mean_found * mean_true)
    c1, c2 = _K1**2, _K2**2
    top = (2 * mean_found * mean_true + c1) * (2 * both + c2)
    bottom = (mean_found**2 + mean_true**2 + c1) * (var_found + var_true + c2)
    return (top / bottom).mean(dim=(1, 2, 3))

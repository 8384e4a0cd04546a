"""Pix2Pix: a second network tells clean frames from restored ones, and is to be deceived."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from twophoton_decode.deep.extra import torch_or_error

if TYPE_CHECKING:
    import torch

L1_FACTOR: Final = 100.0
"""Weight of the absolute error beside the deception [Isola et al. 2017]."""
_WIDTHS = (32, 64, 128)


def with_adversary(restorer: torch.nn.Module, window: int, seed: int) -> torch.nn.Module:
    """`restorer` and a discriminator of patches, as one module that is fitted at once."""
    torch = torch_or_error()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed + 1)
        discriminator = _discriminator(window)

    class Pair(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.restorer, self.discriminator = restorer, discriminator

    return Pair()


def deceiving(pair: Any, noisy: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """What the restorer is to lower: 100 x absolute error, and that it is told from clean."""
    found = pair.restorer(noisy)
    torch = torch_or_error()
    # The discriminator's weights are constants here: deceiving it must not change it.
    fixed = {name: value.detach() for name, value in pair.discriminator.named_parameters()}
    judged = torch.func.functional_call(pair.discriminator, fixed, (_beside(noisy, found),))
    return L1_FACTOR * (found - clean).abs().mean() + _cross_entropy(judged, True)


def adversarial(pair: Any, noisy: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
    """The loss of both: what the restorer lowers, and errors of the discriminator, halved."""
    with torch_or_error().no_grad():
        found = pair.restorer(noisy)
    real, false = (pair.discriminator(_beside(noisy, each)) for each in (clean, found))
    errors = (_cross_entropy(real, True) + _cross_entropy(false, False)) / 2
    return deceiving(pair, noisy, clean) + errors


def _beside(noisy: Any, frame: Any) -> Any:
    """A frame with the noisy window that it belongs to."""
    return torch_or_error().cat([noisy, frame[:, None]], dim=1)


def _cross_entropy(judged: Any, is_clean: bool) -> Any:
    torch = torch_or_error()
    target = torch.full_like(judged, float(is_clean))
    return torch.nn.functional.binary_cross_entropy_with_logits(judged, target)


def _discriminator(window: int) -> Any:
    """Judges patches of about 30 px: a cell and what is around it."""
    nn = torch_or_error().nn
    layers: list[Any] = []
    before = window + 1
    for width in _WIDTHS:
        layers += [nn.Conv2d(before, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        before = width
    return nn.Sequential(*layers, nn.Conv2d(before, 1, 3, padding=1))

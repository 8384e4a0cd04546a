"""Fitting a network to pairs, by one of three losses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.microscope.restoration.adversary import (
    adversarial,
    deceiving,
    with_adversary,
)
from twophoton_decode.deep.microscope.restoration.examples import Pairs, Source
from twophoton_decode.deep.microscope.restoration.losses import mean_square, similarity
from twophoton_decode.deep.microscope.restoration.network import build
from twophoton_decode.deep.microscope.restoration.restorer import Restorer
from twophoton_decode.deep.training.loop import Budget, Trained, train

BATCH = 4
STEPS = 400
LEARNING_RATE = 1e-3
_HELD_OUT = 24
_CHECK_EVERY, _PATIENCE = 50, 8


@dataclass(frozen=True, eq=False)
class Fitted:
    """A network that was trained, and how that went."""

    restorer: Restorer
    trained: Trained


def budget_of(steps: int) -> Budget:
    """So many steps at most; every hundredth looks at held-out pairs."""
    return Budget(steps, LEARNING_RATE, min(_CHECK_EVERY, steps), _PATIENCE)


def fit(known: Source, held_out: Source, method: str, budget: Budget, run: TrainingRun) -> Fitted:
    """Fit a network to pairs; others say when to stop.

    1 to the network is the peak of the known ones.

    Parameters
    ----------
    method : str
        ssim, mse or pix2pix.

    Raises
    ------
    TrainingError
        The loss is not a number.
    DeviceError
        The device is not there.
    KeyboardInterrupt
        After what was learned so far has been kept.
    """
    device, peak = device_of(run.device), known.peak()
    network = build(run.seed, known.window)
    module = with_adversary(network, known.window, run.seed) if method == "pix2pix" else network
    module.to(device)
    drawn = held_out.draw(_HELD_OUT, np.random.default_rng([run.seed, 7]))
    looked_at = _in_units(drawn, peak, device)

    def loss(rng: np.random.Generator) -> Any:
        return _loss(module, method, *_in_units(known.draw(BATCH, rng), peak, device))

    def held_out_loss() -> Any:
        if method == "pix2pix":
            return deceiving(module, *looked_at[:2])
        return _loss(module, method, *looked_at)

    identity = f"{method} {known.digest()} {held_out.digest()}"
    trained = train(module, loss, held_out_loss, budget, run, identity)
    network.cpu().requires_grad_(False)
    return Fitted(Restorer(network, known.window, peak, run.device), trained)


def _loss(module: Any, method: str, noisy: Any, clean: Any, judged: Any) -> Any:
    if method == "pix2pix":
        return adversarial(module, noisy, clean)
    found = module(noisy)
    if judged is not None:
        return (((found - clean) ** 2) * judged).sum() / judged.sum()
    return similarity(found, clean) if method == "ssim" else mean_square(found, clean)


def _in_units(pairs: Pairs, peak: float, device: Any) -> list[Any]:
    torch = torch_or_error()
    noisy, clean = (torch.from_numpy(each / np.float32(peak)).to(device) for each in pairs[:2])
    judged = None if pairs.judged is None else torch.from_numpy(pairs.judged).to(device)
    return [noisy, clean, judged]

"""Fitting a network to pairs, by one of three losses."""

from __future__ import annotations

import hashlib
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
from twophoton_decode.deep.microscope.restoration.examples import CleanMovies, Pairs
from twophoton_decode.deep.microscope.restoration.losses import mean_square, one_minus_ssim
from twophoton_decode.deep.microscope.restoration.network import build
from twophoton_decode.deep.microscope.restoration.restorer import Restorer
from twophoton_decode.deep.training.loop import Budget, Trained, train

BATCH = 4
STEPS = 400
LEARNING_RATE = 1e-3
_HELD_OUT = 24
_CHECK_EVERY, _PATIENCE = 50, 8
_PEAK_PERCENT = 99.9


@dataclass(frozen=True, eq=False)
class Fitted:
    """A network that was trained, and how that went."""

    restorer: Restorer
    trained: Trained


def budget_of(steps: int) -> Budget:
    """So many steps at most; every hundredth looks at held-out pairs."""
    return Budget(steps, LEARNING_RATE, min(_CHECK_EVERY, steps), _PATIENCE)


def fit(
    known: CleanMovies, held_out: CleanMovies, method: str, budget: Budget, run: TrainingRun
) -> Fitted:
    """Fit a network to movies; others say when to stop.

    1 to the network are as many photons as 99.9 % of the known pixels stay below.

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
    device = device_of(run.device)
    peak = float(
        np.percentile(np.concatenate([each[::8] for each in known.wanted], 0), _PEAK_PERCENT)
    )
    network = build(run.seed, known.window)
    module = with_adversary(network, known.window, run.seed) if method == "pix2pix" else network
    module.to(device)
    looked_at = _in_units(
        held_out.draw(_HELD_OUT, np.random.default_rng([run.seed, 7])), peak, device
    )

    def loss(rng: np.random.Generator) -> Any:
        return _loss(module, method, *_in_units(known.draw(BATCH, rng), peak, device))

    def held_out_loss() -> Any:
        if method == "pix2pix":
            return deceiving(module, *looked_at)
        return _loss(module, method, *looked_at)

    identity = f"{method} {_digest(known, held_out)}"
    trained = train(module, loss, held_out_loss, budget, run, identity)
    network.cpu().requires_grad_(False)
    return Fitted(Restorer(network, known.window, peak, run.device), trained)


def _loss(module: Any, method: str, noisy: Any, clean: Any) -> Any:
    if method == "pix2pix":
        return adversarial(module, noisy, clean)
    found = module(noisy)
    return one_minus_ssim(found, clean) if method == "ssim" else mean_square(found, clean)


def _in_units(pairs: Pairs, peak: float, device: Any) -> list[Any]:
    torch = torch_or_error()
    return [torch.from_numpy(each / np.float32(peak)).to(device) for each in pairs]


def _digest(*movies: CleanMovies) -> str:
    found = hashlib.blake2b(digest_size=16)
    for each in movies:
        found.update(f"{each.read_noise} {each.window} {each.side}".encode())
        for frames in (*each.seen, *each.wanted):
            found.update(np.ascontiguousarray(frames).tobytes())
    return found.hexdigest()

"""Training a denoiser on codes of pictures."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import norm

from twophoton_decode.decoding.contract import TrainingRun
from twophoton_decode.deep.device import device_of
from twophoton_decode.deep.end_to_end.examples import parts
from twophoton_decode.deep.extra import torch_or_error
from twophoton_decode.deep.latent.denoiser.condition import Components, corrupted
from twophoton_decode.deep.latent.denoiser.file import CodeScale
from twophoton_decode.deep.latent.denoiser.noise import LOG_MEAN, LOG_SD, drawn_levels, loss
from twophoton_decode.deep.latent.denoiser.unet import Shape, build
from twophoton_decode.deep.training.loop import Budget, Trained, train

BATCH = 16
HELD_OUT_PARTS = 8
"""One part of the pictures in so many says when to stop."""
DRAWS = 2
"""Noise levels at which each held-out picture is looked at."""


@dataclass(frozen=True, eq=False)
class Examples:
    """What a denoiser learns from.

    Attributes
    ----------
    codes : ndarray of float32, shape (n, channels, y, x)
        As the autoencoder makes them.
    features : ndarray, shape (n, units)
        Of the layer that conditions are made of.
    content : ndarray of int, shape (n,)
        Pictures of equal content show nearly the same, and are held out together.
    """

    codes: np.ndarray
    features: np.ndarray
    content: np.ndarray


@dataclass(frozen=True)
class Result:
    """A trained network with what it needs, and how the training went."""

    network: Any
    scale: CodeScale
    components: Components
    trained: Trained


def train_denoiser(examples: Examples, width: int, budget: Budget, run: TrainingRun) -> Result:
    """Fit a denoiser; one eighth of the pictures, near-duplicates together, says when to stop.

    Means, standard deviations and components are those of the other pictures.

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
    part = parts(examples.content, HELD_OUT_PARTS, run.seed)
    known, held = np.flatnonzero(part > 0), np.flatnonzero(part == 0)
    scale = CodeScale.of(examples.codes[known])
    components = Components.of(examples.features[known])
    codes, condition = scale.standard(examples.codes), components(examples.features)
    shape = Shape(codes.shape[1], 2 * components.count, width)
    network = build(shape, run.seed).to(device)

    def batch_loss(rng: np.random.Generator) -> Any:
        rows = rng.choice(known, min(BATCH, known.size), replace=False)
        noise = rng.standard_normal(codes[rows].shape, dtype=np.float32)
        given = codes[rows], noise, drawn_levels(rows.size, rng), corrupted(condition[rows], rng)
        return loss(network, *(_tensor(each, device) for each in given))

    looked_at = _held_out(codes[held], condition[held])

    identity = _digest(examples, part, width)
    held_out = partial(_mean_loss, network, looked_at, device)
    trained = train(network, batch_loss, held_out, budget, run, identity)
    return Result(network.cpu().requires_grad_(False), scale, components, trained)


def _mean_loss(network: Any, examples: tuple[np.ndarray, ...], device: Any) -> Any:
    """Over examples, a batch at a time."""
    count = len(examples[0])
    total: Any = 0.0
    for start in range(0, count, BATCH):
        rows = slice(start, min(start + BATCH, count))
        batch = (_tensor(each[rows], device) for each in examples)
        total = total + loss(network, *batch) * (rows.stop - rows.start)
    return total / count


def _held_out(codes: np.ndarray, condition: np.ndarray) -> tuple[np.ndarray, ...]:
    """The same noise, levels and wrong conditions at every look, spread over all levels."""
    rng = np.random.default_rng(1)
    codes, condition = (np.repeat(each, DRAWS, axis=0) for each in (codes, condition))
    even = (np.arange(len(codes)) + 0.5) / len(codes)
    sigma = np.exp(LOG_MEAN + LOG_SD * norm.ppf(rng.permutation(even)))
    noise = rng.standard_normal(codes.shape, dtype=np.float32)
    return codes, noise, sigma, corrupted(condition, rng)


def _digest(examples: Examples, part: np.ndarray, width: int) -> str:
    found = hashlib.blake2b(f"denoiser of width {width}".encode(), digest_size=16)
    for values in (examples.codes, examples.features, part):
        found.update(np.ascontiguousarray(values).tobytes())
    return found.hexdigest()


def _tensor(values: np.ndarray, device: Any) -> Any:
    held = np.ascontiguousarray(values, np.float32)
    return torch_or_error().from_numpy(held).to(device)

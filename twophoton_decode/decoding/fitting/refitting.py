"""From targets to a fitted decoder, again and again: the true images, and permuted ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from twophoton_decode.decoding.contract import Decoder, TrainingRun, Trains
from twophoton_decode.decoding.fitting.affine import AffineDecoder
from twophoton_decode.decoding.fitting.model import readout_of
from twophoton_decode.decoding.fitting.readout import Readout
from twophoton_decode.decoding.fitting.training import TrainingResponses

NO_RUN = TrainingRun()


class Fit(Protocol):
    """From targets to what a decoder fitted to them makes."""

    def __call__(self, targets: np.ndarray, run: TrainingRun = NO_RUN) -> Readout:
        """Fit `targets`, one row per target of the training."""


class Choice(Protocol):
    """From targets to the same, and the transform of the responses that was chosen."""

    def __call__(self, targets: np.ndarray, run: TrainingRun = NO_RUN) -> tuple[Readout, str]:
        """Fit `targets`, one row per target of the training."""


def refitting(make: Callable[[], Any], training: TrainingResponses) -> Fit:
    """A function from targets to the readout of a fitted decoder.

    An `AffineDecoder` does what depends on the responses only once for all targets; any other
    decoder is fitted anew for each.
    """
    training.require_change()
    decoder = make()
    if isinstance(decoder, AffineDecoder):
        solve = decoder.factorise(training)

        def solved(targets: np.ndarray, run: TrainingRun = NO_RUN) -> Readout:
            centred = targets - training.mean_target(targets)
            return solve(centred).about(training.centring)

        return solved

    def fitted(targets: np.ndarray, run: TrainingRun = NO_RUN) -> Readout:
        return _fitted(make(), training, targets, run)

    return fitted


def choosing(
    make: Callable[[], Any], training: TrainingResponses, transforms: Sequence[str]
) -> Choice:
    """A function from targets to a readout of transformed responses, and the transform.

    Of the transforms, the one whose decoder has the smallest inner error for these targets is
    taken [ours]; the first one if the decoder reports no error. Responses are transformed, and
    what depends on them is done, once for all targets.
    """

    @cache
    def refit(transform: str) -> Fit:
        return refitting(make, training.read_as(transform))

    def fit(transform: str, targets: np.ndarray, run: TrainingRun) -> Readout:
        return refit(transform)(targets, run.named(transform))

    def choose(targets: np.ndarray, run: TrainingRun = NO_RUN) -> tuple[Readout, str]:
        best, taken = fit(transforms[0], targets, run), transforms[0]
        if len(transforms) == 1 or np.isnan(best.inner_error()):
            return best, taken
        for transform in transforms[1:]:
            readout = fit(transform, targets, run)
            if readout.inner_error() < best.inner_error():
                best, taken = readout, transform
        return best, taken

    return choose


def _fitted(
    decoder: Decoder, training: TrainingResponses, targets: np.ndarray, run: TrainingRun
) -> Readout:
    R, Y, groups = training.responses, targets[training.target], training.group
    if isinstance(decoder, Trains):
        file = run.checkpoint and _named_after(run.checkpoint, R, Y, groups)
        decoder.fit_long(R, Y, groups, replace(run, checkpoint=file))
    else:
        decoder.fit(R, Y, groups=groups)
    return readout_of(decoder, training, targets)


def _named_after(checkpoint: Path, *data: np.ndarray) -> Path:
    """A file for these data only, so that no fit goes on from what others left.

    What was learned from other data under this name is removed.
    """
    digest = hashlib.blake2b(digest_size=8)
    for values in data:
        digest.update(np.ascontiguousarray(values).tobytes())
    file = checkpoint.with_name(f"{checkpoint.name}-{digest.hexdigest()}.npz")
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    for former in checkpoint.parent.glob(f"{checkpoint.name}-*"):
        if former != file:
            former.unlink()
    return file

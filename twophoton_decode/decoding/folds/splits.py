"""A decoder, a feature space and responses, brought together and split into folds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np

from twophoton_decode.decoding.contract import (
    ExtendsFeatures,
    MadeForFeatures,
    MadeForSession,
    TrainingRun,
)
from twophoton_decode.decoding.folds.context import NO_SESSION, SessionContext
from twophoton_decode.decoding.folds.finite import FiniteTrials
from twophoton_decode.decoding.folds.fold import Fold
from twophoton_decode.decoding.folds.trials import Trials
from twophoton_decode.features import LinearFeatures
from twophoton_decode.progress import Progress, silent
from twophoton_decode.registry import DECODERS
from twophoton_decode.words import duration

TOLD_FROM_S = 20.0
"""Seconds left from which they are told."""


def space_for(name: str, space: LinearFeatures) -> LinearFeatures:
    """The feature space as a decoder reads it; one with `extended` may add features."""
    decoder = DECODERS.load(name)
    return decoder.extended(space) if isinstance(decoder, ExtendsFeatures) else space


def decoder_for(name: str, space: LinearFeatures, session: SessionContext) -> Callable[[], Any]:
    """A maker of unfitted decoders, told the session or the feature space where they ask for it."""
    decoder = DECODERS.load(name)
    if isinstance(decoder, MadeForSession):
        return partial(decoder.for_session, space, session)
    if isinstance(decoder, MadeForFeatures):
        return partial(decoder.for_features, space)
    return cast("Callable[[], Any]", decoder)


def trials_of(
    shown: FiniteTrials,
    pictures: np.ndarray,
    space: LinearFeatures,
    identity: np.ndarray,
    first: np.ndarray,
    content: np.ndarray,
) -> Trials:
    """The trials with identical images merged.

    Parameters
    ----------
    identity : ndarray of int, shape (images,)
        Number of each image among those that differ.
    first : ndarray of int, shape (different images,)
        The first image of each number.
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same, or nearly so.
    """
    return Trials(
        response=shown.response,
        image=identity[shown.image],
        pixels=pictures[first].reshape(len(first), -1),
        features=space.encode(pictures[first]),
        space=space,
        content=content[first],
        named=shown.image,
    )


@dataclass(frozen=True, eq=False)
class FoldsOfTrials:
    """The folds in order, each made when it is its turn.

    Attributes
    ----------
    trials : Trials
    fold : ndarray of int, shape (different images,)
        The fold in which each is tested.
    make : callable
        Gives an unfitted decoder.
    transforms : sequence of str
        Transforms of the responses to choose from.
    session : SessionContext
        Where decoders that train for long keep what they learned, and on which device.
    seed : int
        Of such decoders.
    progress : callable
        Told by them.
    """

    trials: Trials
    fold: np.ndarray
    make: Callable[[], Any]
    transforms: Sequence[str]
    session: SessionContext = NO_SESSION
    seed: int = 0
    progress: Progress = silent

    def __len__(self) -> int:
        return int(self.fold.max()) + 1

    def __iter__(self) -> Iterator[Fold]:
        begun = time.monotonic()
        for number in range(len(self)):
            each = (time.monotonic() - begun) / max(number, 1)
            yield self.part(number, self.transforms, each * (len(self) - number))

    def part(self, number: int, transforms: Sequence[str], seconds_left: float = 0.0) -> Fold:
        """One fold, with these transforms to choose from, told how long all will take."""
        folder = self.session.checkpoints
        file = folder and folder / f"fold{number}"
        run = TrainingRun(
            file, self._of_fold(number, seconds_left), self.seed, self.session.deep.device
        )
        return Fold.split(self.trials, self.fold == number, self.make, transforms, run)

    def _of_fold(self, number: int, seconds_left: float) -> Progress:
        """The progress of one fold's fit, with the time that it and those after it will take."""
        left = f" (about {duration(seconds_left)} left)" if seconds_left > TOLD_FROM_S else ""

        def told(done: int, total: int, what: str) -> None:
            self.progress(done, total, f"fold {number + 1} of {len(self)}{left}: {what}")

        return told

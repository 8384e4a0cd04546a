"""Sums over every part of the clips, from which each fold's fits are put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from twophoton_decode.deep.movies.moments import Moments, Ridge, moments_of
from twophoton_decode.deep.movies.showings import Clips, Signal

MOST_COLUMNS = 2800
"""Cells times lags; more cells are summarised."""
SUMMARY_FRAMES = 2000
CROSS_PARTS = 4

Lags = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class FoldSums:
    """What one fold is fitted from.

    Attributes
    ----------
    fold : int
    signal : Signal
        With a summary of the cells that this fold's training clips gave, where they are too many.
    clips : Clips
    lags : tuple of int
    by_part : list of Moments
        The sums of every part.
    """

    fold: int
    signal: Signal
    clips: Clips
    lags: Lags
    by_part: list[Moments]

    @property
    def training(self) -> list[int]:
        """The parts that train this fold."""
        return [part for part in range(self.clips.parts) if part != self.fold]

    @property
    def choosing(self) -> int:
        """The training part on which choices are made."""
        return (self.fold + 1) % self.clips.parts

    def showings(self, *parts: int) -> np.ndarray:
        """The showings of the clips of some parts."""
        return self.signal.showings.of(np.isin(self.clips.part, parts))

    def ridge(self, *without: int) -> Ridge:
        """Ridge on all training parts but these."""
        return Ridge(reduce(add, [self.by_part[p] for p in self.training if p not in without]))

    def mean_frame(self, *without: int) -> np.ndarray:
        """The mean frame of all training parts but these, (pixels,)."""
        used = [self.by_part[p] for p in self.training if p not in without]
        return np.asarray(sum(each.y for each in used) / max(1, sum(each.frames for each in used)))

    def cross_parts(self) -> list[list[int]]:
        """The training parts in at most four groups, each to be predicted by the others."""
        groups = min(CROSS_PARTS, len(self.training))
        return [self.training[start::groups] for start in range(groups)]


def sums_of_folds(signal: Signal, clips: Clips, lags: Lags, seed: int) -> Iterator[FoldSums]:
    """The sums of each fold: made once, or for each fold where its clips summarise the cells."""
    if signal.response.shape[2] * len(lags) <= MOST_COLUMNS:
        shared = _by_part(signal, clips, lags)
        yield from (FoldSums(k, signal, clips, lags, shared) for k in range(clips.folds))
        return
    for fold in range(clips.folds):
        training = signal.showings.of(clips.part != fold)
        own = summarised(signal, training, MOST_COLUMNS // len(lags), seed)
        yield FoldSums(fold, own, clips, lags, _by_part(own, clips, lags))


def summarised(signal: Signal, training: np.ndarray, components: int, seed: int) -> Signal:
    """Cells by their principal components over 2000 frames of training showings [ours]."""
    rng = np.random.default_rng([seed, components])
    each = -(-SUMMARY_FRAMES // len(training))
    rows = []
    for showing in rng.permutation(training)[:SUMMARY_FRAMES]:
        found = signal.of(int(showing))
        rows.append(found[rng.choice(len(found), min(each, len(found)), replace=False)])
    stacked = np.concatenate(rows)[:SUMMARY_FRAMES]
    sd = stacked.std(axis=0)
    scale = np.divide(1.0, sd, out=np.zeros_like(sd), where=sd > 0)
    centred = (stacked - stacked.mean(axis=0)) * scale
    axes = np.linalg.svd(centred, full_matrices=False)[2][:components]
    return Signal(signal.response, signal.showings, (axes * scale).T.astype(np.float32))


def _by_part(signal: Signal, clips: Clips, lags: Lags) -> list[Moments]:
    every = range(clips.parts)
    return [moments_of(signal, clips, signal.showings.of(clips.part == p), lags) for p in every]

"""Dissimilarities of pictures in populations of cells, whole and from halves of the repeats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from twophoton_decode.deep.comparison.agreement import ceilings, spearman
from twophoton_decode.deep.comparison.dissimilarity import (
    correlation_distance,
    crossnobis,
    mean_patterns,
)

Dissimilarity = Literal["crossnobis", "correlation"]
_REPEATS_FOR_HALVES = 4
"""A half needs two repeats to be cross-validated."""


@dataclass(frozen=True, eq=False)
class Trials:
    """Responses to pictures: R (presentation, cell), `image` and `repeat` (presentation,)."""

    R: np.ndarray
    image: np.ndarray
    repeat: np.ndarray
    images: int

    def of(self, cells: np.ndarray) -> Trials:
        """The same of some cells, each z-scored over its presentations; constant ones left out."""
        R = self.R[:, cells]
        spread = R.std(axis=0)
        changing = spread > 1e-12 * np.abs(R).max(axis=0, initial=0)
        z = (R[:, changing] - R[:, changing].mean(axis=0)) / spread[changing]
        return Trials(z, self.image, self.repeat, self.images)

    def rdm(self, measure: Dissimilarity, chosen: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Dissimilarities (pair,) from all presentations or those chosen."""
        R, image = self.R[chosen], self.image[chosen]
        if measure == "crossnobis":
            return crossnobis(R, image, self.repeat[chosen], self.images)
        return correlation_distance(mean_patterns(R, image, self.images))

    def fewest_repeats(self) -> int:
        """Of any picture."""
        return int(np.bincount(self.image, minlength=self.images).min())


@dataclass(frozen=True, eq=False)
class PopulationRdms:
    """Of every population: dissimilarities, reliability, ceilings, and agreement with others.

    `between` (population, population) is from different halves; its diagonal the reliability.
    """

    rdm: np.ndarray
    between: np.ndarray
    ceiling: np.ndarray
    halves_measure: str


def population_rdms(
    trials: Trials,
    populations: Mapping[str, np.ndarray],
    measure: Dissimilarity,
    splits: int,
    rng: np.random.Generator,
) -> PopulationRdms:
    """Dissimilarities of each population, and what halves of the repeats agree on.

    Two populations recorded at once share noise within a repeat. Their agreement is therefore
    that of one from a half of the repeats with the other from the other half [ours], so that
    it compares with the reliability, which is the same of one population with itself.

    Parameters
    ----------
    populations : mapping of name to cells
    splits : int
        Random divisions of the repeats.
    """
    each = [trials.of(cells) for cells in populations.values()]
    rdm = np.stack([one.rdm(measure) for one in each])
    repeats = trials.fewest_repeats()
    if repeats < 2:
        unknown = np.full((len(each), len(each)), np.nan)
        return PopulationRdms(rdm, unknown, np.full((len(each), 2), np.nan), "")
    # Two or three repeats cannot be cross-validated within halves.
    in_halves = measure if repeats >= _REPEATS_FOR_HALVES else "correlation"
    between, ceiling = [], []
    for _ in range(splits):
        first = _half(trials, rng)
        halves = [np.stack([one.rdm(in_halves, part) for one in each]) for part in (first, ~first)]
        crossed = spearman(*halves)
        between.append((crossed + crossed.T) / 2)
        ceiling.append([ceilings(np.stack(pair)) for pair in zip(*halves, strict=True)])
    return PopulationRdms(rdm, np.mean(between, axis=0), np.mean(ceiling, axis=0), in_halves)


def _half(trials: Trials, rng: np.random.Generator) -> np.ndarray:
    """A random half of each picture's presentations, (presentation,) of truth values.

    Repeats are taken in one random order for all pictures, so that the halves share as few
    repeats as possible.
    """
    order = rng.permutation(int(trials.repeat.max()) + 1)[trials.repeat]
    first = np.zeros(len(order), dtype=bool)
    for image in range(trials.images):
        shown = np.flatnonzero(trials.image == image)
        first[shown[np.argsort(order[shown], kind="stable")[: len(shown) // 2]]] = True
    return first

"""The test by design: familiar against unfamiliar originals, or before against after."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from twophoton_decode.statistics.permutation import (
    UNTESTED,
    Difference,
    assigned_difference,
    exchanged_difference,
)

FEWEST_PICTURES = 10
"""Originals in a group, below which nothing is tested."""


class Design(NamedTuple):
    """What the log says of each degraded picture, (degraded,).

    `original` is its original, of which all versions are one unit; `familiar` is 1, 0, or -1
    for neither. `by_familiarity` and `by_phase` say which columns the log has.
    """

    original: np.ndarray
    familiar: np.ndarray
    by_familiarity: bool
    by_phase: bool

    @property
    def name(self) -> str:
        """Which test the log allows; empty for none."""
        if self.by_familiarity and self.by_phase:
            return "familiar minus unfamiliar, after minus before"
        if self.by_familiarity:
            return "familiar minus unfamiliar"
        return "after minus before" if self.by_phase else ""

    def groups(self, values: np.ndarray) -> tuple[int, int]:
        """Originals with a value, familiar and unfamiliar; all and 0 without familiarity."""
        _, familiar = self.units(values)[1:]
        if not self.by_familiarity:
            return len(familiar), 0
        return int((familiar == 1).sum()), int((familiar == 0).sum())

    def units(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean value of each original's versions that have one, the original, its familiarity."""
        known = np.isfinite(values)
        original, number = np.unique(self.original[known], return_inverse=True)
        count = np.bincount(number)
        mean = np.bincount(number, values[known]) / count
        familiar = np.full(len(original), -1)
        familiar[number] = self.familiar[known]
        return mean, original, familiar

    def enough(self, values: np.ndarray) -> bool:
        """Whether there are ten originals in each group."""
        first, second = self.groups(values)
        return first >= FEWEST_PICTURES and (not self.by_familiarity or second >= FEWEST_PICTURES)

    def test(self, values: np.ndarray, draws: int, rng: np.random.Generator) -> Difference:
        """The difference that the design is about, of values (degraded,), NaN left out.

        Values are Δ, or Δ after minus Δ before where the log has both.
        """
        if not self.name or not self.enough(values):
            return UNTESTED
        mean, _, familiar = self.units(values)
        if not self.by_familiarity:
            return exchanged_difference(mean, draws, rng)
        assigned = familiar >= 0
        return assigned_difference(mean[assigned], familiar[assigned] == 1, draws, rng)

"""What several sessions hand to figures and tables: measurements, means and tests over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

_UNKNOWN = (float("nan"), float("nan"))


@dataclass(frozen=True)
class HierarchicalMean:
    """A mean over mice, its interval, and over what it was taken.

    `level` is ``mice``, ``sessions`` or ``images``; `units` is their number.
    """

    mean: float
    low: float
    high: float
    level: str
    units: int


@dataclass(frozen=True, eq=False)
class Measurement:
    """One measure of one session: its values over images, or the single value it has.

    `decoder` is empty for what responses say, `condition` where a measure has one only.
    `interval` is that of the single value, or of the mean over images.
    """

    session: str
    mouse: str
    decoder: str
    measure: str
    condition: str
    values: np.ndarray
    interval: tuple[float, float] = _UNKNOWN

    @property
    def defined(self) -> np.ndarray:
        """The values that are numbers; every measurement has some."""
        return self.values[np.isfinite(self.values)]

    @property
    def mean(self) -> float:
        """The session's mean over images."""
        return float(self.defined.mean())

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """25th, 50th and 75th percentile over images."""
        low, middle, high = np.percentile(self.defined, [25, 50, 75]).tolist()
        return low, middle, high

    @property
    def median(self) -> float:
        """The session's median over images."""
        return float(np.median(self.defined))


@dataclass(frozen=True)
class PairedComparison:
    """Two measures of the same sessions against each other.

    `difference` is first minus second, from the session medians [paper]; `mean` from the
    images, with an interval over mice, sessions or images. `p_holm` is corrected within
    the tests of one `question` and decoder. `units` is how many mice or sessions, as `level`
    says, the test is over.
    """

    question: str
    decoder: str
    comparison: str
    sessions: int
    higher: int
    difference: float
    mean: HierarchicalMean
    rank_biserial: float
    p: float
    p_holm: float
    note: str
    units: int
    level: str


Key = tuple[str, str, str]
"""Decoder, measure and condition."""


@dataclass(frozen=True, eq=False)
class PopulationView:
    """Several sessions together: every measurement, what they say together, and the tests.

    `means` are over mice, sessions and images, `medians` over the medians of sessions.
    `matched_repeats` is the condition of sparseness at the most repeats that every session
    has; or empty. `resamplings` and `seed` are those of the intervals.
    """

    found: Sequence[Measurement]
    compared: Sequence[PairedComparison]
    means: Mapping[Key, HierarchicalMean]
    medians: Mapping[Key, float]
    matched_repeats: str
    resamplings: int
    seed: int

    @property
    def sessions(self) -> list[str]:
        """Every session, in the order given."""
        return list(dict.fromkeys(each.session for each in self.found))

    @property
    def mice(self) -> list[str]:
        """Every mouse, in the order given."""
        return list(dict.fromkeys(each.mouse for each in self.found))

    def of(self, decoder: str, measure: str, condition: str = "") -> list[Measurement]:
        """One measure of all sessions that have it."""
        key = (decoder, measure, condition)
        return [e for e in self.found if (e.decoder, e.measure, e.condition) == key]

    def test(self, decoder: str, comparison: str) -> PairedComparison | None:
        """The test of a comparison; None if no session has both."""
        return next(
            (e for e in self.compared if (e.decoder, e.comparison) == (decoder, comparison)), None
        )

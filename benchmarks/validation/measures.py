"""What is measured of an interval, a p, an error or a score, and the words for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

LEVEL = 0.05
Truth = Callable[[Sequence["Interval"]], float]


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval, and the truth where it is planted.

    `behind` is whatever the truth follows from where it is not the mean of the estimates.
    """

    estimate: float
    low: float
    high: float
    truth: float = np.nan
    behind: np.ndarray | None = None

    @classmethod
    def of(cls, estimate: float, ends: Sequence[float], truth: float = np.nan) -> Interval:
        return cls(float(estimate), float(ends[0]), float(ends[1]), truth)

    @classmethod
    def from_error(cls, estimate: float, error: float, truth: float = np.nan) -> Interval:
        """Of a standard error: the estimate and 1.96 errors to either side."""
        return cls(estimate, estimate - 1.96 * error, estimate + 1.96 * error, truth)


def mean_estimate(found: Sequence[Interval]) -> float:
    """The truth that is not planted: the mean over all runs, which chance moves little."""
    return float(np.mean([each.estimate for each in found]))


def holds(found: Sequence[Interval], truth: Truth) -> np.ndarray:
    """Whether each interval holds the truth; NaN where there is none."""
    known = [each for each in found if np.isfinite(each.low) and np.isfinite(each.high)]
    common = truth(known) if known else np.nan
    said = np.full(len(found), np.nan)
    for place, each in enumerate(found):
        if np.isfinite(each.low) and np.isfinite(each.high):
            own = each.truth if np.isfinite(each.truth) else common
            said[place] = each.low <= own <= each.high
    return said


@dataclass(frozen=True)
class Kind:
    """How outcomes become a number: nominal value, what is accepted, and the words outside.

    `always` is said of what makes no claim that could fail.
    """

    nominal: str
    accepted: tuple[float, float]
    below: str
    above: str
    share: bool = True
    always: str = ""

    def verdict(self, measured: float, error: float) -> str:
        """In words; a value within two Monte Carlo errors of what is accepted is accepted."""
        low, high = self.accepted
        if not np.isfinite(measured):
            return "not defined here"
        if self.always:
            return self.always
        if measured < low - 2 * error:
            return self.below
        if measured > high + 2 * error:
            return self.above
        sure = low <= measured - 2 * error and measured + 2 * error <= high
        return "as stated" if sure or low <= measured <= high else "as stated, within chance"


COVERAGE = Kind("95 %", (0.93, 0.97), "too narrow", "wider than stated")
REJECTION = Kind("5 %", (0.03, 0.07), "cautious: rejects less than stated", "rejects too often")
AT_MOST = Kind("at most 5 %", (0.0, 0.05), "", "too often")
BY_CHOICE = Kind(
    "none", (0.0, 1.0), "", "", always="no test of a claim: the best count is chosen on the image"
)
AT_LEAST = Kind("at least 93 %", (0.93, 1.0), "too rarely", "")
ABOUT_HALF = Kind("about 50 %", (0.35, 0.65), "finds less than stated", "finds more than stated")
NINETY = Kind("90 %", (0.87, 0.93), "posterior too narrow", "posterior too wide")
NO_BIAS = Kind("0", (-0.02, 0.02), "biased downwards", "biased upwards", share=False)
CHANCE = Kind("0", (-0.01, 0.01), "below chance", "above chance: leaks", share=False)


@dataclass(frozen=True)
class Quantity:
    """One thing that the program prints, and what is measured of it.

    `names` are the fields, keys and columns that the row answers for, as the code spells
    them; `what` is a phrase that says what one run contributes.
    """

    names: tuple[str, ...]
    what: str
    kind: Kind
    truth: Truth = field(default=mean_estimate)


@dataclass
class Tally:
    """Outcomes of one quantity in one setting."""

    quantity: Quantity
    about: str
    setting: str
    found: list[Interval | float] = field(default_factory=list)

    @property
    def values(self) -> np.ndarray:
        """One value a run; NaN where the run has none."""
        intervals = [each for each in self.found if isinstance(each, Interval)]
        if intervals:
            return holds(intervals, self.quantity.truth)
        return np.asarray(self.found, float)

    @property
    def defined(self) -> np.ndarray:
        values = self.values
        return values[np.isfinite(values)]

    @property
    def measured(self) -> float:
        return float(self.defined.mean()) if self.defined.size else np.nan

    @property
    def error(self) -> float:
        """Monte Carlo standard error; of a share never that of none or all."""
        runs = self.defined.size
        if not runs:
            return np.nan
        if not self.quantity.kind.share:
            return float(self.defined.std(ddof=1) / np.sqrt(runs)) if runs > 1 else np.inf
        if not np.isin(self.defined, (0.0, 1.0)).all():
            return float(self.defined.std(ddof=1) / np.sqrt(runs)) if runs > 1 else np.inf
        # Agresti and Coull's share: two of either kind are added.
        share = (self.defined.sum() + 2) / (runs + 4)
        return float(np.sqrt(share * (1 - share) / (runs + 4)))

    @property
    def verdict(self) -> str:
        said = self.quantity.kind.verdict(self.measured, self.error)
        undefined = 1 - self.defined.size / max(len(self.found), 1)
        return f"{said}; not given in {undefined:.0%} of runs" if 0 < undefined < 1 else said


def rejected(p: float) -> float:
    """Whether a test at 5 % rejects; NaN where it has no p."""
    return float(p <= LEVEL) if np.isfinite(p) else np.nan


def any_rejected(p: np.ndarray) -> float:
    """Whether any of several corrected tests rejects; NaN where none has a p."""
    known = np.asarray(p, float)[np.isfinite(p)]
    return float((known <= LEVEL).any()) if known.size else np.nan

"""The two levels of a trace and the threshold between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.errors import AlignmentError
from twophoton_decode.progress import Progress, silent
from twophoton_decode.stimulus.clock.trace import Trace

_BINS = 4096
_LEAST_SEPARATION = 5.0
"""Distance of the two levels in standard deviations within them [ours]."""
_HYSTERESIS = 0.25


@dataclass(frozen=True)
class Levels:
    """Where a trace is low and high.

    Attributes
    ----------
    low, high : float
        The two levels, in the trace's own units.
    threshold : float
        Flips are timed where the trace crosses it.
    margin : float
        How far beyond the threshold the trace has to go for a flip.
    missing : int
        Samples that are no finite numbers.
    """

    low: float
    high: float
    threshold: float
    margin: float
    missing: int


def find_levels(
    trace: Trace, threshold: float | None = None, progress: Progress = silent
) -> Levels:
    """The two levels of a trace, by its histogram; `threshold` replaces the one between them.

    The levels are the means on both sides of the threshold of Otsu (1979) or of Kittler &
    Illingworth (1986), which holds where pulses are brief: of that which separates better.

    Raises
    ------
    AlignmentError
        The trace holds no numbers, never changes, or has no two levels.
    """
    low, high, missing = _extent(trace, progress)
    if not low < high:
        what = "no finite number" if missing == trace.samples else f"nothing but {low:g}"
        raise AlignmentError(
            f"{trace.name} holds {what}, so it has no flips. Choose another one by --column or "
            "FILE=KEY."
        )
    counts, centres = _histogram(trace, low, high, progress)
    if threshold is not None:
        if not low < threshold < high:
            raise AlignmentError(
                f"{trace.name}: the threshold {threshold:g} is never crossed; the trace goes from "
                f"{low:g} to {high:g}."
            )
        below = centres < threshold
        split = _Split.at(counts, centres, int(np.clip(below.sum(), 1, _BINS - 1)))
        return Levels(split.low, split.high, threshold, _margin(split, threshold), missing)
    split = max(_candidates(counts, centres), key=lambda each: each.separation)
    if split.separation < _LEAST_SEPARATION:
        raise AlignmentError(
            f"{trace.name} has no two levels: {split.low:.4g} and {split.high:.4g} are only "
            f"{split.separation:.1f} standard deviations apart (at least {_LEAST_SEPARATION:g} "
            "are needed). Choose another column, or set --threshold."
        )
    middle = (split.low + split.high) / 2
    return Levels(split.low, split.high, middle, _margin(split, middle), missing)


@dataclass(frozen=True)
class _Split:
    """A histogram in two parts: their means, and how far they lie apart in their own spread."""

    low: float
    high: float
    separation: float

    @classmethod
    def at(cls, counts: np.ndarray, centres: np.ndarray, place: int) -> _Split:
        """The parts below and from bin `place` on."""
        step = centres[1] - centres[0]
        means, spreads = [], []
        for part in (slice(None, place), slice(place, None)):
            weight = counts[part]
            total = max(float(weight.sum()), 1.0)
            mean = float(weight @ centres[part]) / total
            variance = float(weight @ (centres[part] - mean) ** 2) / total
            means.append(mean)
            spreads.append(variance + step**2 / 12)
        apart = (means[1] - means[0]) / float(np.sqrt(max(spreads)))
        return cls(means[0], means[1], apart)


def _margin(split: _Split, threshold: float) -> float:
    """A quarter of the way to the nearer level on either side."""
    nearest = min(abs(split.high - threshold), abs(threshold - split.low))
    return 2 * _HYSTERESIS * nearest


def _extent(trace: Trace, progress: Progress) -> tuple[float, float, int]:
    """Lowest and highest number, and how many samples are none."""
    low, high, missing = np.inf, -np.inf, 0
    for first, values in trace.chunks():
        finite = values[np.isfinite(values)]
        missing += values.size - finite.size
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
        progress(first + values.size, trace.samples, "levels of the trace")
    return low, high, missing


def _histogram(
    trace: Trace, low: float, high: float, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    counts = np.zeros(_BINS)
    for first, values in trace.chunks():
        counts += np.histogram(values[np.isfinite(values)], _BINS, (low, high))[0]
        progress(first + values.size, trace.samples, "histogram of the trace")
    edges = np.linspace(low, high, _BINS + 1)
    return counts, (edges[:-1] + edges[1:]) / 2


def _candidates(counts: np.ndarray, centres: np.ndarray) -> list[_Split]:
    """The splits of Otsu and of Kittler & Illingworth."""
    step = centres[1] - centres[0]
    weight = np.cumsum(counts)[:-1] / counts.sum()
    first = np.cumsum(counts * centres)[:-1] / counts.sum()
    second = np.cumsum(counts * centres**2)[:-1] / counts.sum()
    total, squares = float(counts @ centres) / counts.sum(), float(counts @ centres**2)
    other = 1 - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        below, above = first / weight, (total - first) / other
        spread_below = np.maximum(second / weight - below**2, 0) + step**2 / 12
        spread_above = np.maximum((squares / counts.sum() - second) / other - above**2, 0)
        spread_above = spread_above + step**2 / 12
        otsu = weight * other * (above - below) ** 2
        error = (
            weight * np.log(spread_below)
            + other * np.log(spread_above)
            - 2 * (weight * np.log(weight) + other * np.log(other))
        )
    places = (np.nanargmax(otsu), np.nanargmin(np.where(np.isfinite(error), error, np.inf)))
    return [_Split.at(counts, centres, int(place) + 1) for place in places]

"""Intervals over recordings in which images lie within sessions, and sessions within mice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from twophoton_decode.records.sessions import HierarchicalMean
from twophoton_decode.statistics.image_mean import SHARED_TRAINING, image_means


def hierarchical_bootstrap(
    values: Sequence[np.ndarray],
    mouse: Sequence[str],
    *,
    resamplings: int,
    rng: np.random.Generator,
    possible: tuple[float, float],
    confidence: float = 0.95,
) -> HierarchicalMean:
    """Mean over mice of the mean over sessions of the mean over images, with its interval.

    Whole mice are drawn with replacement, with all of their sessions and images, since the
    spread between mice holds that of the sessions and images within them [field, Davison &
    Hinkley 1997, §3.8]. With one mouse its sessions are drawn. Of one session, the interval is
    that of a mean score over images (`mean_score`), which train each other's decoders.
    The percentiles' distance from the mean is widened for few units, from the normal to
    Student's t and by √(n/(n−1)) [ours, after Hesterberg 2015]: percentiles of six mice cover
    80 % where 90 % are meant.

    Parameters
    ----------
    values : sequence of ndarray, shape (images of the session,)
        One array a session; NaN values, and sessions with nothing else, are left out.
    mouse : sequence of str
        The mouse of each session.
    possible : (float, float)
        Lowest and highest value that there can be, where the interval is cut: what lies beyond
        never holds the truth, so that coverage is the same.

    Returns
    -------
    HierarchicalMean
        NaN where nothing is defined; without an interval where a single value is.
    """
    level, units = _top_level(values, mouse)
    if not len(units):
        return HierarchicalMean(np.nan, np.nan, np.nan, level, 0)
    mean = float(units.mean())
    if len(units) < 2:
        return HierarchicalMean(mean, np.nan, np.nan, level, 1)
    if level == "images":
        distinct = np.arange(len(units))
        images = image_means(units, distinct, widening=SHARED_TRAINING, estimated=False)
        ends = np.array(images.interval(confidence))
    else:
        ends = _bootstrapped(units, resamplings, rng, confidence)
    low, high = np.clip(ends, *possible).tolist()
    return HierarchicalMean(mean, low, high, level, len(units))


def _bootstrapped(
    units: np.ndarray, resamplings: int, rng: np.random.Generator, confidence: float
) -> np.ndarray:
    """Both ends of the interval of a mean over `units`, that are drawn with replacement."""
    drawn = rng.integers(0, len(units), (resamplings, len(units)))
    tail = (1 - confidence) / 2
    edges = np.quantile(units[drawn].mean(axis=1), [tail, 1 - tail])
    return units.mean() + _widening(len(units), tail) * (edges - units.mean())


def _top_level(values: Sequence[np.ndarray], mouse: Sequence[str]) -> tuple[str, np.ndarray]:
    """The means of the units that are resampled: the highest level with two or more."""
    sessions: dict[str, list[np.ndarray]] = {}
    for each, name in zip(values, mouse, strict=True):
        defined = np.asarray(each, float)[np.isfinite(each)]
        if defined.size:
            sessions.setdefault(name, []).append(defined)
    means = [np.array([each.mean() for each in own]) for own in sessions.values()]
    if len(means) != 1:
        return "mice", np.array([own.mean() for own in means])
    (only,) = sessions.values()
    return ("sessions", means[0]) if len(only) > 1 else ("images", only[0])


def _widening(units: int, tail: float) -> float:
    """How much too narrow percentiles of a mean over so many units are."""
    t, z = stats.t.ppf(1 - tail, units - 1), stats.norm.ppf(1 - tail)
    return float(t / z * np.sqrt(units / (units - 1)))

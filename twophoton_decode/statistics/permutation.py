"""Where a value stands among those that chance makes; chance by exchanging things."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

MOST_DRAWS = 30


def p_above(value: float, chance: np.ndarray) -> float:
    """One-sided (1 + chance values at least as large) / (1 + their number); NaN without any.

    NaN too where the value or all of chance is unknown: it would count as never reached.
    """
    if np.isnan(value) or np.isnan(chance).all():
        return float("nan")
    return float((1 + np.count_nonzero(chance >= value)) / (1 + len(chance)))


def two_sided_p(value: float, surrogates: np.ndarray) -> float:
    """Twice the smaller of both one-sided (1 + reached) / (1 + draws), at most 1."""
    above = 1 + np.count_nonzero(surrogates >= value)
    below = 1 + np.count_nonzero(surrogates <= value)
    return float(min(1.0, 2 * min(above, below) / (1 + surrogates.size)))


def p_as_far(value: float, chance: np.ndarray, expected: float) -> float:
    """(1 + draws at least as far from the expectation) / (1 + draws)."""
    # Rounding must not bring an equal draw nearer.
    far = np.abs(chance - expected) >= abs(value - expected) * (1 - 1e-9)
    return float((1 + np.count_nonzero(far)) / (1 + len(chance)))


def effect_size(value: float, surrogates: np.ndarray) -> float:
    """Distance from the surrogates' mean in their standard deviations; NaN if they agree."""
    spread = float(surrogates.std(ddof=1)) if surrogates.size > 1 else 0.0
    return (value - float(surrogates.mean())) / spread if spread > 0 else float("nan")


def deranged_means(
    table: np.ndarray, content: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Mean of one entry per row, columns exchanged so that none meets an image like its own.

    Parameters
    ----------
    table : ndarray, shape (images, images)
        Row: image decoded; column: image scored against.
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same, and are never wrong for each other.

    Returns
    -------
    ndarray, shape (draws,)
        NaN if more than half of the images show the same, so that no such exchange exists.
    """
    if 2 * np.bincount(content).max() > len(content):
        return np.full(draws, np.nan)
    rows = np.arange(len(table))
    return np.array([table[rows, derangement(content, rng)].mean() for _ in range(draws)])


def derangement(content: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random permutation that brings no image to one of equal content.

    Drawn until there is none, which is uniform and takes about e draws where all images
    differ. Where that hardly ever happens, because many show the same, a place in conflict is
    exchanged with a random other one until none is left.
    """
    for _ in range(MOST_DRAWS):
        order = rng.permutation(len(content))
        if not np.any(content[order] == content):
            return order
    while True:
        conflicts = np.flatnonzero(content[order] == content)
        if not len(conflicts):
            return order
        for place in conflicts:
            other = rng.integers(len(content))
            order[[place, other]] = order[[other, place]]


def discovery_cut(p: np.ndarray, rate: float) -> float:
    """The p below which Benjamini-Hochberg calls a discovery; -1 where nothing is [field].

    rate · k / m, with m defined p of which the k smallest pass: k is the largest rank whose
    p is at most rate · k / m.
    """
    ranked = np.sort(p[np.isfinite(p)])
    limit = rate * np.arange(1, ranked.size + 1) / max(ranked.size, 1)
    passing = np.flatnonzero(ranked <= limit)
    return float(limit[passing[-1]]) if passing.size else -1.0


class Difference(NamedTuple):
    """A difference of means, its 95 % interval, two-sided p by exchange; NaN where not tested."""

    mean: float
    low: float
    high: float
    p: float


UNTESTED = Difference(*[float("nan")] * 4)


def assigned_difference(
    values: np.ndarray, assigned: np.ndarray, draws: int, rng: np.random.Generator
) -> Difference:
    """Mean of the units that were assigned to something, minus that of the others [field].

    p counts the random assignments of as many units whose difference is at least as far from
    zero. It is exact where the assignment was random, whatever the units have in common. The
    interval is Welch's.

    Parameters
    ----------
    values : ndarray, shape (units,)
        Without NaN.
    assigned : ndarray of bool, shape (units,)

    Returns
    -------
    Difference
        All NaN with fewer than two units on either side.
    """
    sides = values[assigned], values[~assigned]
    if min(map(len, sides)) < 2:
        return UNTESTED
    found = float(sides[0].mean() - sides[1].mean())
    orders = rng.permuted(np.tile(assigned, (draws, 1)), axis=1)
    one = orders @ values / len(sides[0])
    other = (values.sum() - orders @ values) / len(sides[1])
    low, high = stats.ttest_ind(*sides, equal_var=False).confidence_interval()
    return Difference(found, float(low), float(high), p_as_far(found, one - other, 0.0))


def exchanged_difference(values: np.ndarray, draws: int, rng: np.random.Generator) -> Difference:
    """Mean of paired differences (units,), their signs exchanged at random for p [field].

    The interval is Student's; all NaN with fewer than two units.
    """
    if len(values) < 2:
        return UNTESTED
    found = float(values.mean())
    signs = rng.choice([-1.0, 1.0], size=(draws, len(values)))
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval()
    return Difference(
        found, float(low), float(high), p_as_far(found, signs @ values / len(values), 0.0)
    )


class SignTest(NamedTuple):
    """Units that prefer it, all that prefer either, and the two-sided p [field].

    Units without a preference count in neither. p is exact, by the binomial distribution with one
    half; NaN without any unit.
    """

    prefer: int
    units: int
    p: float


def sign_test(share: np.ndarray) -> SignTest:
    """Test shares (units,) against one half; NaN are left out."""
    known = np.asarray(share, float)[np.isfinite(share)]
    prefer, units = int(np.count_nonzero(known > 0.5)), int(np.count_nonzero(known != 0.5))
    p = float(stats.binomtest(prefer, units).pvalue) if units else float("nan")
    return SignTest(prefer, units, p)

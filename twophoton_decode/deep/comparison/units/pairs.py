"""Two sessions: are the units of a layer that one decodes well those that the other does?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

from twophoton_decode.deep.comparison.units.accuracy import BlockSums
from twophoton_decode.deep.comparison.units.halves import BLOCKS
from twophoton_decode.deep.comparison.units.ranks import along, given, ranked

FEWEST_TESTED = 20
"""Pictures on which a unit's accuracy is tested, at least."""


class Agreement(NamedTuple):
    """Rank correlations over units of one layer between two sessions.

    `disjoint` on pictures that are not shared; `partial` the same given what units are like;
    `same` on pictures that both were tested on, which is biased; `ceiling` what `disjoint` could
    reach if both sessions had the same true accuracies, √(ρ₁ρ₂); NaN where a ρ is not positive.
    """

    disjoint: float
    partial: float
    same: float
    ceiling: float


class Pictures(NamedTuple):
    """The pictures of one session beside another: their blocks, and which the other shares.

    `block` and `shared` (images,).
    """

    block: np.ndarray
    shared: np.ndarray

    @property
    def part(self) -> np.ndarray:
        """Two parts a block: pictures of its own, then shared ones."""
        return 2 * self.block + self.shared


class Weights(NamedTuple):
    """Which parts count, (choices, parts) each.

    `tested` by halves of the shared pictures and all of the session's own, `common` by halves of
    the shared ones alone, `own` by halves of all; first halves, then second ones.
    """

    tested: tuple[np.ndarray, np.ndarray]
    common: tuple[np.ndarray, np.ndarray]
    own: tuple[np.ndarray, np.ndarray]


def weights(halves: np.ndarray, shared: bool, left_out: int | None = None) -> Weights:
    """The choices of parts for halves (splits, blocks), without one block or with all.

    Without shared pictures, everything is tested, whatever the halves.
    """
    there = np.ones(BLOCKS) if left_out is None else (np.arange(BLOCKS) != left_out).astype(float)
    both = [each * there for each in (halves, ~halves)]
    asked = both if shared else [there[None], there[None]]
    nothing = [np.zeros_like(each) for each in both]
    first, second = (
        (
            _parts(np.broadcast_to(there, tested.shape), tested),
            _parts(none, half),
            _parts(half, half),
        )
        for tested, none, half in zip(asked, nothing, both, strict=True)
    )
    return Weights(*zip(first, second, strict=True))


def _parts(own: np.ndarray, shared: np.ndarray) -> np.ndarray:
    return np.stack([own, shared], axis=2).reshape(len(shared), -1)


def agreement(first: BlockSums, second: BlockSums, chosen: Weights, like: np.ndarray) -> Agreement:
    """The agreement of two sessions over the parts that `chosen` names.

    Parameters
    ----------
    first, second : BlockSums
        Of the same units.
    chosen : Weights
    like : ndarray, shape (units, k)
        From `what_units_are_like`.
    """
    tested = [[ranked(each.correlation(w)) for w in chosen.tested] for each in (first, second)]
    rest = [[given(each, like) for each in halves] for halves in tested]
    reliable = [_reliability(each, chosen) for each in (first, second)]
    return Agreement(
        disjoint=_mean(_crossed(*tested)),
        partial=_mean(_crossed(*rest)),
        same=_same(first, second, chosen),
        ceiling=float(np.sqrt(np.prod(reliable))) if min(reliable) > 0 else float("nan"),
    )


def disjoint_agreement(first: BlockSums, seconds: list[np.ndarray], chosen: Weights) -> float:
    """`Agreement.disjoint` alone, the second session's ranks being known."""
    return _mean(_crossed([ranked(first.correlation(w)) for w in chosen.tested], seconds))


def _same(first: BlockSums, second: BlockSums, chosen: Weights) -> float:
    """Both sessions on the same halves of the pictures they share; NaN where they share none."""
    if not any((w @ first.count).any() for w in chosen.common):
        return float("nan")
    ranks = [[ranked(each.correlation(w)) for w in chosen.common] for each in (first, second)]
    return _mean([along(*half) for half in zip(*ranks, strict=True)])


def _crossed(first: list[np.ndarray], second: list[np.ndarray]) -> list[np.ndarray]:
    """One half of the first session with the other half of the second, both ways."""
    return [along(first[0], second[1]), along(first[1], second[0])]


def _mean(found: list[np.ndarray]) -> float:
    return float(np.mean(found))


def _reliability(session: BlockSums, chosen: Weights) -> float:
    """ρ of the session with itself on other pictures, as many as are tested (Spearman-Brown)."""
    halves = [ranked(session.correlation(w)) for w in chosen.own]
    rho = _mean([along(*halves)])
    tested, half = (
        float(np.mean([w @ session.count for w in each])) for each in (chosen.tested, chosen.own)
    )
    longer = tested / half
    # Halves that disagree as much as the formula's pole have no reliability to speak of.
    return longer * rho / (1 + (longer - 1) * rho) if rho > 0 else float("nan")


def without_each_block(
    first: BlockSums, second: BlockSums, halves: np.ndarray, shared: bool, like: np.ndarray
) -> np.ndarray:
    """`agreement` without each block in turn, (blocks, 4), for its interval."""
    return np.array(
        [agreement(first, second, weights(halves, shared, b), like) for b in range(BLOCKS)]
    )


def interval(value: np.ndarray, without: np.ndarray) -> np.ndarray:
    """95 % interval over pictures from leaving out one block at a time, (…, 2) [field].

    Parameters
    ----------
    value : ndarray, shape (…)
    without : ndarray, shape (blocks, …)
    """
    error = np.sqrt((BLOCKS - 1) * without.var(axis=0))
    reach = stats.t.ppf(0.975, BLOCKS - 1) * error
    return np.stack([value - reach, value + reach], axis=-1)

"""Do populations of one name, recorded in different sessions, agree more than others do?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.comparison.agreement import spearman

_FEWEST_FOR_INTERVAL = 4
"""Sessions that hold the name; of three, noise was called shown in 30 % of simulations."""


@dataclass(frozen=True, eq=False)
class NamedAgreement:
    """Agreement of the populations of one name across sessions, and with those of other names.

    Attributes
    ----------
    same, other : float
        Mean over pairs of populations from different sessions.
    difference_ci95 : (float, float)
        For new sessions: sessions drawn with replacement. NaN below four sessions.
    """

    name: str
    sessions: int
    same: float
    other: float
    difference_ci95: tuple[float, float]

    @property
    def difference(self) -> float:
        """Same less other."""
        return self.same - self.other

    def sentence(self) -> str:
        """What is shown, and what is not."""
        low, high = self.difference_ci95
        told = f"{low:.2f} to {high:.2f}" if np.isfinite(low) else "unknown"
        shown = "" if low > 0 or high < 0 else "; that the name matters is not shown"
        return (
            f"{self.name} agrees with {self.name} of other sessions at {self.same:.2f}, with other "
            f"populations there at {self.other:.2f} (difference {self.difference:+.2f}, 95 % "
            f"interval {told}, {self.sessions} sessions{shown})."
        ).replace("-", "−")


def named_agreement(
    rdms: np.ndarray,
    name: np.ndarray,
    session: np.ndarray,
    resamples: int,
    rng: np.random.Generator,
) -> list[NamedAgreement]:
    """For every name in two or more sessions; pairs within a session are never used.

    Parameters
    ----------
    rdms : ndarray, shape (population, pair)
    name : ndarray of str, shape (population,)
    session : ndarray of int, shape (population,)
        Populations of one session share noise and a brain.
    """
    agreement = spearman(rdms, rdms)
    place = np.unique(session, return_inverse=True)[1]
    sessions = int(place.max()) + 1
    drawn = rng.multinomial(sessions, np.full(sessions, 1 / sessions), size=resamples)
    apart = place[:, None] != place[None, :]
    found = []
    for each in dict.fromkeys(name.tolist()):
        mine = name == each
        same, other = (np.triu(apart & np.outer(mine, mine), 1), apart & np.outer(mine, ~mine))
        if same.any() and other.any():
            weight = drawn[:, place].astype(float)
            gaps = _mean(agreement, same, weight) - _mean(agreement, other, weight)
            count = len(np.unique(place[mine]))
            # Draws of two or three sessions are nearly all alike: noise would look certain.
            enough = count >= _FEWEST_FOR_INTERVAL
            ends = np.nanpercentile(gaps, [2.5, 97.5]) if enough else (np.nan, np.nan)
            found.append(
                NamedAgreement(each, count, float(agreement[same].mean()),
                               float(agreement[other].mean()), (float(ends[0]), float(ends[1])))
            )  # fmt: skip
    return found


def _mean(agreement: np.ndarray, pairs: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Means (resample,) over pairs, each as often as its two sessions were drawn; NaN if none."""
    number = np.einsum("bi,ij,bj->b", weight, pairs.astype(float), weight, optimize=True)
    total = np.einsum("bi,ij,bj->b", weight, np.where(pairs, agreement, 0), weight, optimize=True)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / np.where(number > 0, number, np.nan))

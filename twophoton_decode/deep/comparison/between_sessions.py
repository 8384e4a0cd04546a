"""Do populations of one name, recorded in different sessions, agree more than others do?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.deep.comparison.agreement import ceilings, spearman
from twophoton_decode.deep.comparison.representation import PopulationData

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


@dataclass(frozen=True, eq=False)
class Recorded:
    """Populations of several sessions, each with its dissimilarities of the same pictures.

    `name`, `session`, `cells`, `reliability` (population,); `rdm` (population, pair); `ceiling`
    (population, 2), of halves of the repeats.
    """

    name: np.ndarray
    session: np.ndarray
    cells: np.ndarray
    reliability: np.ndarray
    ceiling: np.ndarray
    rdm: np.ndarray

    def areas(self) -> list[PopulationData]:
        """Populations of one name as one, with a set of dissimilarities for each session.

        Of several sessions, reliability and noise ceiling are those over sessions; of a single
        one they are those of its halves.
        """
        return [self._area(each) for each in dict.fromkeys(self.name.tolist())]

    def _area(self, name: str) -> PopulationData:
        mine = np.flatnonzero(self.name == name)
        rdms, cells = self.rdm[mine], int(self.cells[mine].sum())
        if len(mine) == 1:
            low, high = self.ceiling[mine[0]].tolist()
            return PopulationData(name, cells, rdms, float(self.reliability[mine[0]]), (low, high))
        ceiling = ceilings(rdms)
        return PopulationData(name, cells, rdms, ceiling[0], ceiling)

    def between_areas(self) -> np.ndarray:
        """Mean agreement over pairs of different sessions, (area, area); NaN without a pair."""
        names = np.array(list(dict.fromkeys(self.name.tolist())))
        is_of = (names[:, None] == self.name).astype(float)
        apart = self.session[:, None] != self.session
        agreement = np.where(apart, spearman(self.rdm, self.rdm), 0.0)
        pairs = is_of @ apart.astype(float) @ is_of.T
        with np.errstate(invalid="ignore"):
            return np.asarray(is_of @ agreement @ is_of.T / np.where(pairs > 0, pairs, np.nan))


def _mean(agreement: np.ndarray, pairs: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Means (resample,) over pairs, each as often as its two sessions were drawn; NaN if none."""
    number = np.einsum("bi,ij,bj->b", weight, pairs.astype(float), weight, optimize=True)
    total = np.einsum("bi,ij,bj->b", weight, np.where(pairs, agreement, 0), weight, optimize=True)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / np.where(number > 0, number, np.nan))

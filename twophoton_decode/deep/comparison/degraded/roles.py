"""Which pictures train decoders and which are tested: never the original of a tested picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from twophoton_decode.decoding.folds.content import grouped_images, groups_of
from twophoton_decode.decoding.folds.crossvalidation import balanced_folds
from twophoton_decode.deep.comparison.decoding.network_decoding import FEWEST_IMAGES
from twophoton_decode.errors import AnalysisError
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.words import counted, counted_are


@dataclass(frozen=True, eq=False)
class Roles:
    """The pictures of a session by what is done with them; all indices are of its pictures.

    Attributes
    ----------
    intact : ndarray of int, shape (intact,)
        Originals that were shown.
    trains : ndarray of bool, shape (intact,)
        Which of them train decoders, those of other folds.
    shown, original : ndarray of int, shape (degraded,)
        Degraded pictures that were shown, and the original of each, shown or not.
    content : ndarray of int, shape (pictures,)
        Equal for pictures that show the same, or nearly so, are grouped from outside, or are
        versions of one original.
    fold : ndarray of int, shape (pictures,)
        No decoder is tested in the fold of a picture that trained it.
    """

    intact: np.ndarray
    trains: np.ndarray
    shown: np.ndarray
    original: np.ndarray
    content: np.ndarray
    fold: np.ndarray

    @property
    def folds(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1

    def training(self, number: int) -> np.ndarray:
        """Rows of `intact` that train the decoder of a fold."""
        known = np.flatnonzero(self.trains & (self.fold[self.intact] != number))
        tested = self.original[self.tested(number)]
        refuse_trained(self.content[self.intact[known]], self.content[tested])
        return known

    def tested(self, number: int) -> np.ndarray:
        """Rows of `shown` that are tested in a fold."""
        return np.flatnonzero(self.fold[self.shown] == number)


def refuse_trained(trained: np.ndarray, tested: np.ndarray) -> None:
    """`AnalysisError` where a decoder would train on what the original of a tested picture shows.

    Parameters
    ----------
    trained, tested : ndarray of int
        Contents of the training pictures, and of the originals of the tested ones.
    """
    both = np.intersect1d(trained, tested)
    if both.size:
        raise AnalysisError(
            f"{counted(both.size, 'original')} of tested pictures, or pictures like them, would "
            "train their decoder, which would then lead to the originals by itself. Folds must "
            "keep a degraded picture and its original together."
        )


def roles_of(
    original: np.ndarray,
    shown: np.ndarray,
    pictures: np.ndarray,
    group: np.ndarray,
    settings: DecodingSettings,
) -> tuple[Roles, list[str]]:
    """Sort pictures by role, and fold them.

    Parameters
    ----------
    original : ndarray of int, shape (pictures,)
        Index of the original of a degraded picture, -1 for originals.
    shown : ndarray of int
        The pictures that were shown.
    pictures : ndarray, shape (pictures, y, x)
        At working size.
    group : ndarray of int, shape (pictures,)
        Given groups; -1 for none.
    settings : DecodingSettings

    Raises
    ------
    AnalysisError
        No degraded picture was shown, or too few originals train.
    """
    degraded = shown[original[shown] >= 0]
    intact = shown[original[shown] < 0]
    if not degraded.size:
        raise AnalysisError("none of the degraded pictures was shown.")
    sources = np.union1d(intact, original[degraded])
    near = settings.near_duplicate_correlation
    same = grouped_images(pictures[sources], near, None).content
    pairs = [
        _joined(sources, same),
        np.stack([degraded, original[degraded]], axis=1),
        _joined(*_known(np.union1d(sources, degraded), group)),
    ]
    content = groups_of(np.concatenate(pairs), len(original))
    # Pictures without a role are in no group that counts.
    used = np.union1d(intact, degraded)
    kinds, number, size = np.unique(content[used], return_inverse=True, return_counts=True)
    asked = min(settings.folds, len(kinds))
    fold = np.full(len(original), -1)
    fold[used] = balanced_folds(size, asked, settings.seed)[number]
    found, about = _who_trains(
        Roles(intact, np.ones(len(intact), bool), degraded, original[degraded], content, fold)
    )
    unshown = int(np.count_nonzero(original >= 0)) - len(degraded)
    notes = [f"{counted_are(unshown, 'degraded picture')} never shown."] if unshown else []
    alike = len(sources) - len(np.unique(same))
    if alike:
        notes.append(
            f"{counted_are(alike, 'original')} like another one: they share a fold with it and "
            "with its degraded versions."
        )
    return found, [*notes, *about]


def _who_trains(roles: Roles) -> tuple[Roles, list[str]]:
    """Originals with a degraded version train nothing, where enough others are left [ours].

    If they did, familiar pictures would train each other's decoders and unfamiliar ones, whose
    originals were not shown, would not: then an assignment cannot be exchanged exactly.
    """
    tested = np.isin(roles.content[roles.intact], roles.content[roles.original])
    without = replace(roles, trains=~tested)
    most = len(roles.intact)
    if 2 * np.count_nonzero(tested) <= most and _fewest(without) >= FEWEST_IMAGES:
        return without, []
    _refuse_few(roles)
    return roles, [
        f"{np.count_nonzero(tested)} of {most} originals shown have degraded versions. They train "
        "the decoders of other pictures, since too few originals are left without them; so the "
        "test is not exact."
    ]


def _fewest(roles: Roles) -> int:
    """Different originals that train, in the fold with the fewest."""
    return min(
        len(np.unique(roles.content[roles.intact[roles.training(number)]]))
        for number in range(roles.folds)
    )


def _known(members: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The members that have a label, and it."""
    some = members[label[members] >= 0]
    return some, label[some]


def _joined(members: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Each member with the first one of its label, (pairs, 2)."""
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    return np.stack([members[first[number]], members], axis=1)


def _refuse_few(roles: Roles) -> None:
    fewest = _fewest(roles)
    if fewest < FEWEST_IMAGES:
        raise AnalysisError(
            f"decoders are trained on {FEWEST_IMAGES} or more different originals, none of them "
            f"that of a tested picture; here a fold has {fewest} of the {len(roles.intact)} "
            "originals shown. Show more intact pictures, which need no degraded version."
        )

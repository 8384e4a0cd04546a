"""Folds over clips: clips of one source, and those that show nearly the same, stay together."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from twophoton_decode.decoding.folds.content import groups_of
from twophoton_decode.decoding.folds.crossvalidation import balanced_folds
from twophoton_decode.decoding.folds.near_duplicates import alike_among
from twophoton_decode.errors import AnalysisError
from twophoton_decode.words import counted

FEWEST = 6
"""Different clips: fewer leave too little to train, choose and test on."""
SAMPLED_EVERY_S = 0.5
MOST_SAMPLED = 3000
"""Frames, over all clips, that are looked at for near-duplicates."""
TRAINING_PARTS = 5
"""Into which clips that are never tested are divided, for choices inside training."""


class ClipFolds(NamedTuple):
    """Which clips belong together, and the part of each, both (clips,); see `Clips`; notes."""

    content: np.ndarray
    part: np.ndarray
    folds: int
    notes: list[str]


def clip_folds(
    pictures: np.ndarray,
    frames: np.ndarray,
    rate_hz: float,
    group: np.ndarray,
    given: np.ndarray | None,
    folds: int,
    seed: int,
    near_duplicate: float,
) -> ClipFolds:
    """Assign clips to folds.

    Frames half a second apart are compared (`alike_among`); one pair that is alike or equal joins
    two clips, as do equal numbers of `group`.

    Parameters
    ----------
    pictures : ndarray, shape (clips, frames, y, x)
    frames : ndarray of int, shape (clips,)
        How many frames each clip has.
    rate_hz : float
    group : ndarray of int, shape (clips,)
        Sources of clips; -1 where nothing says so.
    given : ndarray of int, shape (clips,), optional
        Folds that the data set states, -1 for clips that only train.
    folds, seed : int
        At least three folds are made: one is tested, one chooses, the others train.
    near_duplicate : float
        Correlation above which two frames show nearly the same.

    Raises
    ------
    AnalysisError
        Fewer than six clips that differ, or given folds that part clips that belong together.
    """
    alike = _alike(pictures, frames, rate_hz, near_duplicate)
    sources = [(first, clip) for clip, first in _firsts(group)]
    joined = np.array([*map(tuple, alike.tolist()), *sources], dtype=np.int64).reshape(-1, 2)
    content = groups_of(joined, len(pictures))
    different = int(content.max()) + 1
    if different < FEWEST:
        raise AnalysisError(
            f"movies are decoded with at least {FEWEST} different clips, found {different} among "
            f"{len(pictures)}; clips of one source, or with a frame alike, count as one."
        )
    notes = _notes(alike, near_duplicate)
    if given is None:
        count = min(max(folds, 3), different)
        part = balanced_folds(np.bincount(content), count, seed)[content]
        return ClipFolds(content, part, count, notes)
    fold, more = _as_given(np.asarray(given), content)
    return ClipFolds(content, *_parts(fold, content, seed), [*notes, *more])


def _alike(
    pictures: np.ndarray, frames: np.ndarray, rate_hz: float, near_duplicate: float
) -> np.ndarray:
    """Pairs of clips with frames that show nearly the same, (pairs, 2)."""
    step = max(1, round(SAMPLED_EVERY_S * rate_hz), -(-int(frames.sum()) // MOST_SAMPLED))
    places = [np.arange(0, count, step) for count in frames]
    clip = np.repeat(np.arange(len(frames)), [len(each) for each in places])
    sampled = np.stack([pictures[c, f] for c, f in zip(clip, np.concatenate(places), strict=True)])
    pairs = clip[np.concatenate([alike_among(sampled, near_duplicate), _equal(sampled)])]
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1)
    return np.unique(pairs, axis=0)


def _equal(frames: np.ndarray) -> np.ndarray:
    """Pairs of frames that are equal and not uniform, (pairs, 2).

    `alike_among` looks at what frames have beside the mean of all, which is nothing where all
    are equal.
    """
    rows = frames.reshape(len(frames), -1)
    patterned = np.flatnonzero(np.ptp(rows, axis=1) > 0)
    first: dict[bytes, int] = {}
    pairs = [(first.setdefault(rows[row].tobytes(), row), row) for row in patterned.tolist()]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _firsts(group: np.ndarray) -> list[tuple[int, int]]:
    """Each clip with a source, and the first clip of that source."""
    first: dict[int, int] = {}
    known = [(clip, number) for clip, number in enumerate(group.tolist()) if number >= 0]
    return [(clip, first.setdefault(number, clip)) for clip, number in known]


def _notes(alike: np.ndarray, near_duplicate: float) -> list[str]:
    if not len(alike):
        return []
    many = len(np.unique(alike))
    return [
        f"{many} clips have frames that show nearly the same as those of another clip (correlation "
        f"above {near_duplicate:g} after small shifts), the first pair clips {alike[0, 0]} and "
        f"{alike[0, 1]}; they share a fold."
    ]


def _as_given(given: np.ndarray, content: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The data set's folds, where clips that belong to a tested one are tested with it."""
    tested = np.flatnonzero(given >= 0)
    if not tested.size:
        raise AnalysisError("the data set's folds test no clip: every clip only trains.")
    fold = given.copy()
    for number in np.unique(content[tested]):
        folds = np.unique(given[tested][content[tested] == number])
        if len(folds) > 1:
            first = int(tested[content[tested] == number][0])
            raise AnalysisError(
                f"the data set tests clips that belong together in {len(folds)} folds, clip "
                f"{first} among them: it would be decoded by a fit that has seen it."
            )
        fold[content == number] = folds[0]
    moved = int(np.count_nonzero(fold != given))
    said = (
        f"{counted(moved, 'training clip')} of the data set belong to a tested one; tested with it."
    )
    return fold, [said] if moved else []


def _parts(fold: np.ndarray, content: np.ndarray, seed: int) -> tuple[np.ndarray, int]:
    """Folds counted from 0, then parts of the clips that only train; and the number of folds."""
    used = np.unique(fold[fold >= 0])
    part = np.searchsorted(used, fold)
    alone = np.unique(content[fold < 0])
    if len(used) + min(len(alone), TRAINING_PARTS) < 3:
        raise AnalysisError(
            f"the data set's folds leave {len(alone)} different clips for training alone, in "
            f"{len(used)} folds: one part is tested, one chooses, and one must train."
        )
    if len(alone):
        size = np.array([np.count_nonzero(content == number) for number in alone])
        drawn = balanced_folds(size, min(TRAINING_PARTS, len(alone)), seed)
        of = dict(zip(alone.tolist(), drawn.tolist(), strict=True))
        for clip in np.flatnonzero(fold < 0):
            part[clip] = len(used) + of[int(content[clip])]
    return part, len(used)

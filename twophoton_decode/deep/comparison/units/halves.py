"""Pictures of several sessions dealt into blocks, and blocks into halves that share nothing.

What shows the same lies in the same block in every session. So two sessions that are tested on
different blocks are never tested on the same picture, and leaving out a block leaves out its
pictures everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.decoding.folds.content import grouped_images
from twophoton_decode.errors import AnalysisError

BLOCKS = 20
SPLITS = 20
"""Ways to halve the blocks; what is said is the mean over them."""


def common_content(
    pictures: Sequence[np.ndarray], content: Sequence[np.ndarray], near_duplicate: float
) -> list[np.ndarray]:
    """Which pictures show the same, across sessions: equal numbers do, (images,) a session.

    Parameters
    ----------
    pictures : sequence of ndarray, shape (images, y, x)
        Of every session, at working size.
    content : sequence of ndarray of int, shape (images,)
        What shows the same within each session.
    near_duplicate : float
        Correlation above which two pictures show nearly the same; 1 for identical ones only.

    Raises
    ------
    AnalysisError
        The working sizes differ, so that pictures cannot be compared.
    """
    sizes = {each.shape[1:]: place for place, each in enumerate(pictures)}
    if len(sizes) > 1:
        told = " and ".join(f"{y} × {x} px" for y, x in sizes)
        raise AnalysisError(
            f"the sessions' pictures have {told} at working size, so it cannot be told which are "
            "the same. Give all sessions one size_px under [images] in session.toml, and run "
            "`tpdecode respond` on them again."
        )
    first = np.cumsum([0, *(int(each.max()) + 1 for each in content)])
    group = np.concatenate([own + start for own, start in zip(content, first[:-1], strict=True)])
    found = grouped_images(np.concatenate(pictures), near_duplicate, group).content
    return np.split(found, np.cumsum([len(each) for each in pictures])[:-1])


def shown_where(content: Sequence[np.ndarray]) -> list[np.ndarray]:
    """In which sessions each picture's content was shown, (images, sessions) bool a session."""
    in_session = np.stack([np.isin(_all(content), own) for own in content], axis=1)
    place = {each: row for row, each in enumerate(_all(content).tolist())}
    return [in_session[[place[each] for each in own.tolist()]] for own in content]


def blocks_of(content: Sequence[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """The block of every picture, 0 … 19, (images,) a session.

    Contents are dealt at random, those of one set of sessions after the other, so that every
    block holds about as many pictures of each session.
    """
    every = _all(content)
    in_session = np.stack([np.isin(every, own) for own in content], axis=1)
    order = rng.permutation(len(every))
    pattern = np.unique(in_session, axis=0, return_inverse=True)[1].ravel()
    order = order[np.argsort(pattern[order], kind="stable")]
    block = np.empty(len(every), dtype=np.int64)
    block[order] = np.arange(len(every)) % BLOCKS
    return [block[np.searchsorted(every, own)] for own in content]


def random_halves(rng: np.random.Generator) -> np.ndarray:
    """Which blocks are in the first half, (splits, blocks) bool; half of them each time."""
    lowest = np.argsort(rng.random((SPLITS, BLOCKS)), axis=1) < BLOCKS // 2
    return np.asarray(lowest)


def _all(content: Sequence[np.ndarray]) -> np.ndarray:
    """Every content once, sorted."""
    return np.unique(np.concatenate(content))

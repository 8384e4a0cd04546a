"""Which images show the same: identical, nearly so, or put together by the user."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from twophoton_decode.decoding.folds.near_duplicates import SHIFT, alike_among
from twophoton_decode.statistics.by_image import identical_rows
from twophoton_decode.words import in_percent


class Grouped(NamedTuple):
    """Images put together by what they show.

    `identity` and `content` (images,) have equal numbers for identical pixels, and for images
    that show the same, or nearly so, or are grouped from outside; `first` (identities,) is the
    first image with each identity.
    """

    identity: np.ndarray
    first: np.ndarray
    content: np.ndarray
    warnings: list[str]


def grouped_images(pictures: np.ndarray, above: float, group: np.ndarray | None) -> Grouped:
    """Identical and nearly identical pictures (images, y, x), and what they are joined to.

    Being alike is passed on: two pictures may share a group because a third is like both.

    Parameters
    ----------
    above : float
        See `alike`.
    group : ndarray of int, shape (images,), or None
        Images with equal numbers belong together; -1 for none.
    """
    identity, first = identical_rows(pictures.reshape(len(pictures), -1))
    pairs = first[alike_among(pictures[first], above)]
    content = groups_of(np.concatenate([_joined(identity), pairs, _joined(group)]), len(pictures))
    warnings = [
        *_identical_warning(len(pictures), len(first)),
        *_near_warning(len(pictures), pairs, above),
        *_given_warning(group),
    ]
    return Grouped(identity, first, content, warnings)


def _joined(label: np.ndarray | None) -> np.ndarray:
    """Each image with the first one of its label, (pairs, 2), those labelled -1 left out."""
    if label is None:
        return np.empty((0, 2), dtype=np.int64)
    known = np.flatnonzero(label >= 0)
    _, first, number = np.unique(label[known], return_index=True, return_inverse=True)
    return np.stack([known[first[number]], known], axis=1)


def groups_of(pairs: np.ndarray, images: int) -> np.ndarray:
    """Images joined by pairs (pairs, 2), directly or through others, numbered as they appear."""
    first, second = pairs.T
    graph = sparse.coo_array((np.ones(len(first)), (first, second)), shape=(images, images))
    label = connected_components(graph, directed=False)[1]
    _, appears, number = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(appears))[number], dtype=np.int64)


def _identical_warning(images: int, different: int) -> list[str]:
    if different == images:
        return []
    return [
        f"{images - different} of {images} images are identical to another one; identical "
        "images were kept in the same fold and count as one in training."
    ]


def _near_warning(images: int, pairs: np.ndarray, above: float) -> list[str]:
    """How many images show nearly the same as another one, and the first two."""
    if not len(pairs):
        return []
    label = groups_of(pairs, images)
    size = np.bincount(label)
    a, b = sorted(pairs[0].tolist())
    return [
        f"{size[size > 1].sum()} of {images} images show nearly the same as another one "
        f"(correlation above {above:g} over pixels after shifts of up to {in_percent(SHIFT)} "
        f"of the side, whatever their contrast): {np.count_nonzero(size > 1)} groups, the largest "
        f"of {size.max()} images, the first pair images {a} and {b}. A group shares a fold, and "
        "its images never count as wrong for each other. near_duplicate_correlation under "
        "[decoding] sets the limit."
    ]


def _given_warning(group: np.ndarray | None) -> list[str]:
    size = np.bincount(group[group >= 0]) if group is not None else np.zeros(1, int)
    if not (size > 1).any():
        return []
    return [
        f"{size[size > 1].sum()} images belong to {np.count_nonzero(size > 1)} groups that were "
        f"given, the largest of {size.max()} images; each shares a fold."
    ]

"""Folds over images: no image is ever in training and test at once, under any name."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np

from twophoton_decode.decoding.folds.content import Grouped, grouped_images
from twophoton_decode.decoding.folds.given import LEFT_OUT, folds_of_values
from twophoton_decode.decoding.folds.near_duplicates import NEAR_DUPLICATE
from twophoton_decode.errors import ResponseError

FEWEST_IMAGES = 3


class ImageFolds(NamedTuple):
    """Which images are the same, which show nearly the same, and where each is tested.

    All (images,), int: equal `identity` for identical pixels, equal `content` for those that
    show the same or nearly so, or that the log groups; `fold` is 0…folds-1, one for a content,
    or `given.ONLY_TRAINS` or `given.LEFT_OUT`.
    """

    identity: np.ndarray
    content: np.ndarray
    fold: np.ndarray
    warnings: list[str]

    @property
    def used(self) -> np.ndarray:
        """Which images train or are tested, (images,), bool."""
        return self.fold != LEFT_OUT

    @property
    def all_tested(self) -> bool:
        """Whether every image is tested."""
        return bool((self.fold >= 0).all())

    def of(self, some: np.ndarray) -> ImageFolds:
        """The folds of `some` images, (images,), bool, those that are identical numbered anew."""
        if some.all():
            return self
        identity, content = (
            np.unique(each[some], return_inverse=True)[1] for each in (self.identity, self.content)
        )
        return ImageFolds(identity, content, self.fold[some], self.warnings)

    @property
    def first(self) -> np.ndarray:
        """The first image with each identity, (identities,)."""
        return np.unique(self.identity, return_index=True)[1]


def image_folds(
    pictures: np.ndarray,
    folds: int,
    seed: int,
    near_duplicate: float = NEAR_DUPLICATE,
    group: np.ndarray | None = None,
    given: np.ndarray | None = None,
) -> ImageFolds:
    """Assign images to folds; those that show the same, or nearly so, share one.

    Parameters
    ----------
    pictures : ndarray, shape (images, y, x)
    folds : int
        Number of folds; as many as different images leaves one out at a time.
    seed : int
    near_duplicate : float
        Correlation above which two pictures show nearly the same; 1 for identical ones only.
    group : ndarray of int, shape (images,), optional
        Images with equal numbers belong together, whatever they show; -1 for none.
    given : ndarray of str, shape (images,), optional
        Tier or fold of each image, as `folds_of_values` reads it; `folds` then counts for nothing.

    Raises
    ------
    ResponseError
        Fewer than three images, or groups of them, that differ, or folds that cannot be used.
    """
    found = grouped_images(pictures, near_duplicate, group)
    content = found.content[found.first]
    size = np.bincount(content)
    if len(size) < FEWEST_IMAGES:
        raise ResponseError(_too_few(len(pictures), found, near_duplicate))
    if given is not None:
        fold, warnings = folds_of_values(given, found)
        return ImageFolds(found.identity, found.content, fold, [*found.warnings, *warnings])
    fold, warnings = _folds_of_groups(size, folds, seed)
    return ImageFolds(
        found.identity, found.content, fold[found.content], [*found.warnings, *warnings]
    )


def balanced_folds(size: np.ndarray, folds: int, seed: int) -> np.ndarray:
    """A random fold for each group of so many images, (groups,); folds as even as can be.

    Large groups are dealt out first, each to the fold that holds the fewest images so far.
    """
    order = np.random.default_rng([seed, 0]).permutation(len(size))
    order = order[np.argsort(-size[order], kind="stable")]
    filled = [(0, fold) for fold in range(folds)]
    fold_of = np.empty(len(size), dtype=np.int64)
    for group in order.tolist():
        images, fold_of[group] = heappop(filled)
        heappush(filled, (images + int(size[group]), int(fold_of[group])))
    return fold_of


def _folds_of_groups(size: np.ndarray, folds: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """The fold of each group, one group at a time where fewer folds leave too few to train."""
    groups = len(size)
    if folds <= groups:
        fold = balanced_folds(size, folds, seed)
        # Training needs two groups at least, or there is nothing to tell apart.
        if groups - np.bincount(fold).max() >= 2:
            return fold, []
    what = "groups of images that differ" if size.max() > 1 else "different images"
    one = "group" if size.max() > 1 else "image"
    said = f"{folds} folds were asked for, but there are {groups} {what}: "
    return balanced_folds(size, groups, seed), [f"{said}one {one} was left out at a time."]


def _too_few(images: int, found: Grouped, near_duplicate: float) -> str:
    """Fewer than three groups; where near-duplicates or the log joined them, how to part them."""
    different, groups = len(found.first), int(found.content.max()) + 1
    text = (
        f"reconstruction needs at least {FEWEST_IMAGES} different images, because every image "
        f"is reconstructed by a fit to the others; found {different} among {images}"
    )
    if groups == different:
        return f"{text}."
    return (
        f"{text}, which form {groups} groups that belong together or show nearly the same "
        f"(correlation above {near_duplicate:g} after small shifts). A higher "
        "near_duplicate_correlation under [decoding] keeps more of them apart, 1 all that are "
        "not identical."
    )

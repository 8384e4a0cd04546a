"""Pairs to learn from: what ridge makes of responses it was not fitted to, and what was shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from twophoton_decode.decoding.contract import Decoder
from twophoton_decode.statistics.by_image import identical_rows

INNER_FOLDS = 8


class LeftOut(NamedTuple):
    """A part of the training presentations, and ridge fitted to the others.

    `rows` (presentations,) says which are left out.
    """

    rows: np.ndarray
    ridge: Decoder


def left_out_fits(
    make: Callable[[], Decoder], R: np.ndarray, Y: np.ndarray, groups: np.ndarray, seed: int
) -> list[LeftOut]:
    """Fits to seven eighths of the training presentations, each without another eighth.

    A network that corrected what ridge makes of its own training responses would learn to
    correct errors that ridge does not make on others.

    Parameters
    ----------
    make : callable
        Gives an unfitted ridge decoder.
    R : ndarray, shape (presentations, cells)
    Y : ndarray, shape (presentations, features)
    groups : ndarray of int, shape (presentations,)
        Presentations that are left out together.
    """
    part = parts(groups, INNER_FOLDS, seed)
    return [
        LeftOut(out, make().fit(R[~out], Y[~out], groups=groups[~out]))
        for out in (part == number for number in np.unique(part))
    ]


def cross_fitted(fits: Sequence[LeftOut], R: np.ndarray) -> np.ndarray:
    """The features of every training presentation by the fit without it, (presentations, any)."""
    made = [each.ridge.predict(R[each.rows]) for each in fits]
    found = np.empty((len(R), made[0].shape[1]))
    for each, features in zip(fits, made, strict=True):
        found[each.rows] = features
    return found


def parts(groups: np.ndarray, count: int, seed: int) -> np.ndarray:
    """A part for every presentation, (presentations,), the groups dealt out evenly at random."""
    label = np.unique(groups, return_inverse=True)[1]
    dealt = np.arange(label.max() + 1) % count
    return np.random.default_rng(seed).permutation(dealt)[label]


@dataclass(frozen=True, eq=False)
class Examples:
    """Pictures of images, in a range of 1, and what ridge made of each presentation of them.

    Attributes
    ----------
    made : ndarray of float32, shape (presentations, y, x)
        In the order of images.
    edges : ndarray of int, shape (images + 1,)
        Where an image's presentations begin in `made`.
    shown : ndarray of float32, shape (images, y, x)
    group : ndarray of int, shape (images,)
    """

    made: np.ndarray
    edges: np.ndarray
    shown: np.ndarray
    group: np.ndarray

    @classmethod
    def of(cls, made: np.ndarray, shown: np.ndarray, groups: np.ndarray) -> Examples:
        """From pictures (presentations, y, x), made and shown, and the group of each."""
        image, first = identical_rows(shown.reshape(len(shown), -1))
        order = np.argsort(image, kind="stable")
        edges = np.concatenate([[0], np.cumsum(np.bincount(image))])
        kept = np.float32
        return cls(made[order].astype(kept), edges, shown[first].astype(kept), groups[first])

    def joined(self, more: Examples) -> Examples:
        """Both as one, the images of `more` after these."""
        return Examples(
            np.concatenate([self.made, more.made]),
            np.concatenate([self.edges, self.edges[-1] + more.edges[1:]]),
            np.concatenate([self.shown, more.shown]),
            np.concatenate([self.group, more.group]),
        )

    def some(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Of each image (n,), the mean of a random number of its presentations, (n, y, x).

        So the network meets single trials and averages, as it will when it is tested.
        """
        return np.stack([self._mean(each, rng) for each in image])

    def _mean(self, image: int, rng: np.random.Generator) -> np.ndarray:
        trials = np.arange(self.edges[image], self.edges[image + 1])
        chosen = rng.choice(trials, rng.integers(1, trials.size + 1), replace=False)
        return np.asarray(self.made[np.sort(chosen)].mean(axis=0))

"""Folds over images: no image is in training and test at once, whatever its repeats.

For ``cv=`` of scikit-learn's ``cross_val_score``, ``cross_val_predict`` and ``GridSearchCV``.
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.model_selection import BaseCrossValidator

from twophoton_decode.decoding.folds.crossvalidation import image_folds
from twophoton_decode.decoding.folds.near_duplicates import NEAR_DUPLICATE
from twophoton_decode.errors import ArgumentError

__all__ = ["ByImage"]

FEWEST_IMAGES, FEWEST_FOLDS = 3, 2


class ByImage(BaseCrossValidator):  # type: ignore[misc]
    """Folds over the images shown, those that ``tpdecode reconstruct`` takes.

    `groups` of scikit-learn's functions is the image of each presentation. With `pictures`,
    images that show nearly the same share a fold, as a decoder that was trained on one has seen
    the other.

    Parameters
    ----------
    folds : int
        Number of folds, 2 or more; as many as images leaves one image out at a time. Where there
        are too few images for so many, one is left out at a time.
    seed : int
        Which images share a fold.
    pictures : ndarray, shape (images, y, x), optional
        The images; `groups` are then their indices.
    near_duplicate : float
        Correlation above which two pictures show nearly the same; 1 for identical ones only.

    Examples
    --------
    >>> from sklearn.model_selection import cross_val_score
    >>> made = tp.simulate(cells=30, images=20, repeats=4, picture_px=16)
    >>> Y = tp.features.PriorComponents((16, 16)).encode(made.pictures)[made.image]
    >>> scores = cross_val_score(
    ...     tp.decoders.Ridge(), made.responses, Y, groups=made.image,
    ...     cv=tp.folds.ByImage(5, pictures=made.pictures),
    ... )
    >>> scores.shape
    (5,)
    """

    def __init__(
        self,
        folds: int = 10,
        seed: int = 0,
        pictures: np.ndarray | None = None,
        near_duplicate: float = NEAR_DUPLICATE,
    ) -> None:
        self.folds = folds
        self.seed = seed
        self.pictures = pictures
        self.near_duplicate = near_duplicate

    def split(
        self, X: Any, y: Any = None, groups: Any = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Presentations to train on and to test, for each fold.

        Parameters
        ----------
        X : array of length presentations
        y : ignored
        groups : array of int, shape (presentations,)
            The image shown at each presentation.

        Raises
        ------
        UsageError
            `folds` is not a whole number from 2 on; there are no groups, of another length, or
            fewer than three images; or `pictures` are fewer than the groups name.
        """
        presentations = len(X) if hasattr(X, "__len__") else X.shape[0]
        fold = self._fold_of(groups)
        if len(fold) != presentations:
            raise ArgumentError(
                f"groups must name the image of each of {presentations} presentations, found "
                f"{len(fold)}."
            )
        for each in np.unique(fold):
            yield np.flatnonzero(fold != each), np.flatnonzero(fold == each)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """How many folds there are for these groups, the image of each presentation."""
        return len(np.unique(self._fold_of(groups)))

    def _fold_of(self, groups: Any) -> np.ndarray:
        """The fold of each presentation."""
        if not isinstance(self.folds, Integral) or self.folds < FEWEST_FOLDS:
            raise ArgumentError(
                f"folds must be a whole number, {FEWEST_FOLDS} or more, found {self.folds!r}."
            )
        if groups is None:
            raise ArgumentError(
                "folds by image need groups: the image shown at each presentation, such as "
                "session.responses.image."
            )
        label, image = np.unique(groups, return_inverse=True)
        if self.pictures is None:
            # Distinct 1-px pictures: nothing but the images' numbers counts.
            pictures, index = np.arange(float(len(label)))[:, None, None], image
        else:
            pictures, index = np.asarray(self.pictures, dtype=float), np.asarray(groups)
            self._require_pictures(pictures, label)
        if len(pictures) < FEWEST_IMAGES:
            raise ArgumentError(f"folds by image need three images, found {len(pictures)}.")
        found = image_folds(pictures, self.folds, self.seed, self.near_duplicate)
        return np.asarray(found.fold[index])

    @staticmethod
    def _require_pictures(pictures: np.ndarray, label: np.ndarray) -> None:
        whole = np.issubdtype(label.dtype, np.integer)
        if not whole or label.min() < 0 or label.max() >= len(pictures) or pictures.ndim != 3:
            raise ArgumentError(
                f"with pictures of shape {pictures.shape}, groups must be their indices, 0 to "
                f"{len(pictures) - 1}; found {label.min()} to {label.max()}."
            )

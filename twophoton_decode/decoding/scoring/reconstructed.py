"""Reconstructions of all folds beside what was shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.decoding.folds.crossvalidation import ImageFolds
from twophoton_decode.decoding.folds.fold import FoldFit


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """Reconstructions of all presentations beside what was shown.

    `pictures` (images, y, x), `content` and `fold` (images,), `image` (presentations,),
    `mean` (folds, pixels) the mean training pictures, `single` (presentations, pixels)
    the reconstructions minus the mean of their fold, `average` (images, pixels) likewise from
    the trial-averaged responses, and `average_contribution` (presentations, pixels) what each
    presentation contributes to these: None for decoders that are not sums over cells.
    """

    pictures: np.ndarray
    content: np.ndarray
    fold: np.ndarray
    image: np.ndarray
    mean: np.ndarray
    single: np.ndarray
    average: np.ndarray
    average_contribution: np.ndarray | None

    @property
    def affine(self) -> bool:
        """Whether reconstructions are sums over cells."""
        return self.average_contribution is not None

    @property
    def pixels(self) -> np.ndarray:
        """The pictures as rows, (images, pixels)."""
        return self.pictures.reshape(len(self.pictures), -1)

    @property
    def mean_of_image(self) -> np.ndarray:
        """The mean training picture of the fold that tests each image, (images, pixels)."""
        return self.mean[self.fold]

    @property
    def target(self) -> np.ndarray:
        """Each picture minus the mean training picture of its fold, (images, pixels)."""
        return self.pixels - self.mean_of_image


def put_together(
    pictures: np.ndarray, folds: ImageFolds, image: np.ndarray, fits: list[FoldFit]
) -> Reconstructed:
    """What all folds made of the images of `image` (presentations,), in their order.

    Images that only train are left out of it, and the others numbered anew.
    """
    tested = folds.fold >= 0
    pictures, image = pictures[tested], (np.cumsum(tested) - 1)[image[tested[image]]]
    folds = folds.of(tested)
    fold_of_trial = folds.fold[image]
    single = np.empty((len(image), pictures[0].size))
    average = np.empty((len(pictures), pictures[0].size))
    for number, fit in enumerate(fits):
        single[fold_of_trial == number] = fit.deviation
        average[folds.fold == number] = fit.average
    return Reconstructed(
        pictures,
        folds.content,
        folds.fold,
        image,
        np.stack([fit.mean_picture for fit in fits]),
        single,
        average,
        _contributions(fits, fold_of_trial),
    )


def _contributions(fits: list[FoldFit], fold_of_trial: np.ndarray) -> np.ndarray | None:
    """What each presentation contributes to its image's average; None if nothing does."""
    parts = [fit.average_contribution for fit in fits]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    whole = np.empty((len(fold_of_trial), known[0].shape[1]))
    for number, part in enumerate(known):
        whole[fold_of_trial == number] = part
    return whole

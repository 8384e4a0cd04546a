"""The images that were shown, each once, in folds, with what every cell responds to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from twophoton_decode.decoding.folds.crossvalidation import image_folds
from twophoton_decode.decoding.folds.finite import finite_trials
from twophoton_decode.decoding.permuted_images import exchanged, shown_in_blocks
from twophoton_decode.errors import AnalysisError
from twophoton_decode.records.responses import Responses
from twophoton_decode.settings import DecodingSettings
from twophoton_decode.statistics.by_image import sums_by_image
from twophoton_decode.words import counted

LEAST_IMAGES = 20
_CELLS_AT_ONCE = 100
"""Cells that get the same exchange of images, as in encoding models."""


@dataclass(frozen=True, eq=False)
class ImageResponses:
    """The images that were shown, each once, with the cells' responses.

    Attributes
    ----------
    response : ndarray, shape (image, cell)
        Mean over the presentations of an image.
    exchanged : ndarray, shape (image, refit)
        Responses of cells with the images exchanged, for chance.
    fold, content : ndarray of int, shape (image,)
        The fold; images of equal content show nearly the same.
    """

    response: np.ndarray
    exchanged: np.ndarray
    fold: np.ndarray
    content: np.ndarray


Shown = TypeVar("Shown", bound=ImageResponses)


@dataclass(frozen=True, eq=False)
class Selected(Generic[Shown]):
    """Images that were shown, identical ones merged.

    Attributes
    ----------
    shown : ImageResponses
    picture : ndarray, shape (image, y, x)
    source : ndarray of int, shape (image,)
        Which picture of the session each is.
    notes : list of str
    """

    shown: Shown
    picture: np.ndarray
    source: np.ndarray
    notes: list[str]


def images_in_folds(
    responses: Responses, decoding: DecodingSettings, refits: int
) -> Selected[ImageResponses]:
    """Images in the folds of the decoders, with mean responses.

    Raises
    ------
    AnalysisError
        Fewer than 20 different images, or all cells respond alike to all of them.
    ResponseError, StimulusImageError
        As `finite_trials`.
    """
    trials = finite_trials(responses)
    folds = image_folds(
        trials.picture,
        decoding.folds,
        decoding.seed,
        decoding.near_duplicate_correlation,
        trials.image_group,
    )
    first = folds.first
    if len(first) < LEAST_IMAGES:
        raise AnalysisError(
            f"cells are predicted for images left out of the fit, which needs at least "
            f"{LEAST_IMAGES} different images; {len(first)} were shown."
        )
    image, content = folds.identity[trials.image], folds.content[first]
    mean, about_filled = _means(trials.response, responses.known, image, len(first))
    if not np.ptp(mean, axis=0).any():
        raise AnalysisError(
            f"all {mean.shape[1]} cells respond alike to every image: there is nothing to predict."
        )
    block, _ = shown_in_blocks(image, content)
    source = np.flatnonzero(responses.repeats_per_image)[first]
    shown = ImageResponses(
        response=mean,
        exchanged=_exchanged(mean, content, block, refits, decoding.seed),
        fold=folds.fold[first],
        content=content,
    )
    notes = [*trials.warnings, *folds.warnings, *about_filled]
    return Selected(shown, trials.picture[first], source, notes)


def _means(
    response: np.ndarray, known: np.ndarray, image: np.ndarray, images: int
) -> tuple[np.ndarray, list[str]]:
    """Mean measured response of each cell to each image, (image, cell), and what has none.

    A cell without any measured response to an image gets the mean of its means to others,
    which says nothing of the image.
    """
    count = sums_by_image(known.astype(np.float64), image)
    total = sums_by_image(np.where(known, response, 0.0), image)
    mean = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    missing = np.isnan(mean)
    if not missing.any():
        return mean, []
    of_others = np.nan_to_num(mean).sum(axis=0) / np.maximum((~missing).sum(axis=0), 1)
    return np.where(missing, of_others, mean), [
        f"{int(missing.sum())} of {missing.size} responses of a cell to a picture were not "
        f"measured in any presentation ({counted(int(missing.any(axis=0).sum()), 'cell')}): the "
        "cell's mean over other pictures stands for them, which lowers its r."
    ]


def _exchanged(
    mean: np.ndarray, content: np.ndarray, block: np.ndarray, refits: int, seed: int
) -> np.ndarray:
    """Responses (image, refit) of cells that vary, with the images exchanged."""
    varying = np.flatnonzero(np.ptp(mean, axis=0) > 0)
    rng = np.random.default_rng([seed, 4])
    at_once = min(_CELLS_AT_ONCE, varying.size)
    drawn = [
        mean[exchanged(content, block, rng)][:, rng.permutation(varying)[:at_once]]
        for _ in range(-(-refits // at_once))
    ]
    return np.concatenate(drawn, axis=1)[:, :refits]

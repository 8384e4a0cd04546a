"""Cell-count curves of every image, against itself and against every other image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.analyses.cell_order import mean_of_other_trials, strongest_first
from twophoton_decode.analyses.growing_reconstruction import (
    FoldProducts,
    fold_products,
    grow,
    inverse_picture_norm,
    scores,
)
from twophoton_decode.decoding.transform import as_decoded
from twophoton_decode.kernels.cell_count import CandidateCurves, curves_against_candidates
from twophoton_decode.progress import Progress
from twophoton_decode.records import Reconstruction, Responses


@dataclass(frozen=True)
class ImageCurves:
    """Curves averaged over the trials of each image.

    Tables have one row for the image whose responses were decoded and one column for the
    image they are scored against, so the diagonal holds the true pairs.

    Attributes
    ----------
    r, cd, r_other_order, r_wrong : ndarray, shape (images, cells + 1)
    every_cell, responsive, best : ndarray, shape (images, images)
        All, Resp. and Max.; the last NaN for images without responsive cells.
    best_count : ndarray, shape (images,)
        Number of cells of Max. for the true image, 0 without responsive cells.
    """

    r: np.ndarray
    cd: np.ndarray
    r_other_order: np.ndarray
    r_wrong: np.ndarray
    every_cell: np.ndarray
    responsive: np.ndarray
    best: np.ndarray
    best_count: np.ndarray


def image_curves(
    reconstruction: Reconstruction, responses: Responses, omitted: str, progress: Progress
) -> ImageCurves:
    """Score the growing reconstructions of every fold, one fold in memory at a time."""
    images, counts = responses.images, responses.cells + 1
    curves = {name: np.empty((images, counts)) for name in CURVES}
    tables = {name: np.empty((images, images)) for name in TABLES}
    best_count = np.empty(images)
    others = mean_of_other_trials(responses.response, responses.image)
    folds = np.unique(reconstruction.fold)
    for done, fold in enumerate(folds):
        progress(done, len(folds), "folds scored at every number of cells")
        trials = _FoldTrials.of(reconstruction, responses, int(fold))
        products, amplitude = _enter(reconstruction, responses, trials, omitted)
        rank_own = strongest_first(responses.response[trials.index], trials.responsive)
        against, cd = _score_own_order(products, amplitude, rank_own, trials)
        r_other = _score_other_order(products, amplitude, others[trials.index], trials)
        rows = trials.shown
        curves["r"][rows], curves["r_wrong"][rows] = against.own, against.others
        curves["cd"][rows], curves["r_other_order"][rows] = cd, r_other
        for name in TABLES:
            tables[name][rows] = getattr(against, name)
        best_count[rows] = against.best_count
    progress(len(folds), len(folds), "folds scored at every number of cells")
    return ImageCurves(**curves, **tables, best_count=best_count)


CURVES = ("r", "cd", "r_other_order", "r_wrong")
TABLES = ("every_cell", "responsive", "best")


@dataclass(frozen=True)
class _FoldTrials:
    """The presentations of one fold's images, sorted by image."""

    fold: int
    index: np.ndarray  # of the presentation
    image: np.ndarray  # shown in it
    responsive: np.ndarray  # (presentations, cells)
    shown: np.ndarray  # the images, each once
    edges: np.ndarray  # image shown[i] has the rows edges[i]:edges[i + 1]

    @classmethod
    def of(cls, reconstruction: Reconstruction, responses: Responses, fold: int) -> _FoldTrials:
        index = np.flatnonzero(reconstruction.fold[responses.image] == fold)
        index = index[np.argsort(responses.image[index], kind="stable")]
        image = responses.image[index]
        shown, first = np.unique(image, return_index=True)
        responsive = responses.responsive_others[index]
        return cls(fold, index, image, responsive, shown, np.append(first, len(index)))

    def average(self, values: np.ndarray) -> np.ndarray:
        """Mean over the presentations of each image, along the first axis."""
        return np.add.reduceat(values, self.edges[:-1], axis=0) / np.diff(self.edges)[:, None]


def _enter(
    reconstruction: Reconstruction, responses: Responses, trials: _FoldTrials, omitted: str
) -> tuple[FoldProducts, np.ndarray]:
    """The fold's inner products, and what each cell's filter is multiplied by."""
    filters = np.asarray(reconstruction.reverse_filter[trials.fold], np.float64)
    mean = np.asarray(reconstruction.mean_picture[trials.fold], np.float64).ravel()
    picture = reconstruction.picture.reshape(responses.images, -1) - mean
    mean_response = np.asarray(reconstruction.mean_response[trials.fold])
    response = as_decoded(reconstruction, responses.response[trials.index], trials.fold)
    if omitted == "zero":
        return fold_products(filters, picture, -mean_response @ filters), response
    return fold_products(filters, picture, np.zeros(len(mean))), response - mean_response


def _score_own_order(
    products: FoldProducts, amplitude: np.ndarray, order: np.ndarray, trials: _FoldTrials
) -> tuple[CandidateCurves, np.ndarray]:
    """Curves in the order of the scored trial against every image, and CD of the true one."""
    growth = grow(products, amplitude, order)
    inverse = inverse_picture_norm(products)
    mean_picture = products.picture_sum / products.pixels
    against = curves_against_candidates(
        (products.product - np.outer(products.filter_sum, mean_picture)) * inverse,
        (products.start_product - products.start_sum * mean_picture) * inverse,
        amplitude,
        order,
        growth.inverse_norm,
        trials.responsive.sum(axis=1),
        trials.edges,
        trials.shown,
    )
    return against, trials.average(scores(products, growth, amplitude, order, trials.image)[1])


def _score_other_order(
    products: FoldProducts, amplitude: np.ndarray, strength: np.ndarray, trials: _FoldTrials
) -> np.ndarray:
    """R in the order of the mean over the other trials, NaN for images shown once."""
    order = strongest_first(strength, trials.responsive)
    growth = grow(products, amplitude, order)
    r = trials.average(scores(products, growth, amplitude, order, trials.image)[0])
    return np.where((np.diff(trials.edges) > 1)[:, None], r, np.nan)

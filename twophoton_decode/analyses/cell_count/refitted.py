"""Scores at every number of cells, with the decoder refitted to just these cells."""

from __future__ import annotations

import numpy as np

from twophoton_decode.analyses.cell_count.order import strongest_first
from twophoton_decode.analyses.cell_count.refits import Training
from twophoton_decode.analyses.cumulative_reconstruction import inverse_norm
from twophoton_decode.analyses.fold import FoldTrials
from twophoton_decode.kernels.refitting import refitted_products
from twophoton_decode.progress import Progress, silent
from twophoton_decode.records import Reconstruction, Responses


def refitted_curves(
    reconstruction: Reconstruction,
    responses: Responses,
    decoded: np.ndarray,
    largest: int,
    progress: Progress = silent,
) -> tuple[np.ndarray, np.ndarray]:
    """R and CD from the n strongest cells, the weights refitted to them at every n [ours].

    Cells enter in the order of the scored trial. Ridge with the fold's strength, or least
    squares without one; training presentations, m and R̄ are those of the fold, so that at
    all cells the reconstruction is the decoder's own.

    Parameters
    ----------
    decoded : ndarray, shape (images, pixels)
        The images through the features and back, of `refits.decoded_pictures`.
    largest : int
        The largest number of cells.

    Returns
    -------
    r, cd : ndarray, shape (images, largest + 1)
        Per trial, then averaged over the trials of an image.
    """
    r, cd = np.empty((2, responses.images, largest + 1))
    folds = np.unique(reconstruction.fold)
    for done, fold in enumerate(folds):
        progress(done, len(folds), "folds refitted at every number of cells")
        trials = FoldTrials.of(reconstruction, responses, int(fold))
        training = Training.of(reconstruction, responses, trials, decoded)
        order = strongest_first(trials.response, trials.responsive)[:, :largest]
        scored = refitted_scores(training, order, trials.image)
        r[trials.shown], cd[trials.shown] = (trials.average(values) for values in scored)
    progress(len(folds), len(folds), "folds refitted at every number of cells")
    return r, cd


def refitted_scores(
    training: Training, order: np.ndarray, image: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """R and CD of a fold's presentations, refitted at every number of cells.

    Parameters
    ----------
    order : ndarray of int, shape (presentations, entering)
        The cells that enter, in their order.
    image : ndarray of int, shape (presentations,)
        The image shown in each presentation.
    """
    coordinates, unit = training.basis
    norm, product, total = refitted_products(
        _gram_in_order(training.response, order),
        training.response_sums.T @ coordinates,
        training.test_response,
        order,
        training.strength,
        training.shown[image] @ unit.T,
        unit.sum(axis=1),
    )
    pixels = training.shown.shape[1]
    shown = training.shown
    shown_sum, shown_norm = shown.sum(axis=1), np.einsum("ip,ip->i", shown, shown)
    inverse = inverse_norm(shown_norm, shown_sum, pixels)
    centred = product - total * shown_sum[image][:, None] / pixels
    r = centred * inverse_norm(norm, total, pixels) * inverse[image][:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        return r, (2 * product - norm) / shown_norm[image][:, None]


def _gram_in_order(response: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Inner products of responses of the cells that enter, one matrix per presentation."""
    presentations, entering = order.shape
    if presentations * entering**2 > response.shape[1] ** 2:
        gram = response.T @ response
        return gram[order[:, :, None], order[:, None, :]]
    columns = np.ascontiguousarray(response.T)
    return np.stack([columns[cells] @ columns[cells].T for cells in order])

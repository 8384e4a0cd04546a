"""R from the strongest responses; other cells are known only to have responded less."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twophoton_decode.analyses.cell_count.order import falling
from twophoton_decode.analyses.fold import FoldTrials
from twophoton_decode.analyses.readout import FoldReadout, fold_readout
from twophoton_decode.decoding.fitting.transform import transformed
from twophoton_decode.decoding.folds.again import Models
from twophoton_decode.kernels.means_below import means_below
from twophoton_decode.progress import Progress
from twophoton_decode.records import Reconstruction, Responses

EVERY_COUNT_UP_TO = 100
STEP = 1.02
"""Beyond that, each count is at most 2 % larger than the one before."""
NUMBERS_AT_ONCE = 2**23
"""Amplitudes, or numbers of reconstructions, in memory at a time."""


def strong_counts(cells: int) -> np.ndarray:
    """Numbers of strongest cells to look at: every one up to 100, then in steps of 2 %."""
    counts = list(range(min(cells, EVERY_COUNT_UP_TO) + 1))
    while counts[-1] < cells:
        counts.append(min(max(counts[-1] + 1, int(counts[-1] * STEP)), cells))
    return np.array(counts)


def strong_curves(
    reconstruction: Reconstruction,
    responses: Responses,
    models: Models | None,
    counts: np.ndarray,
    progress: Progress,
) -> np.ndarray:
    """R of every image at some numbers of strongest cells [ours].

    ŝ_n = m + Σ_{n strongest} w_k (R_k − R̄_k) + Σ_{others} w_k (E[R_k | R_k ≤ θ_n] − R̄_k),
    θ_n being the response of the weakest cell that is kept and E the mean over the fold's
    training presentations. It uses which cells responded most and how much, and that the
    others responded less: silence is not thrown away. No cells give m, all cells the
    reconstruction itself. Where the decoder transforms responses, their transforms stand
    for R, R̄ and E. A decoder that is not affine predicts from R and E; of no cells it gives
    what it predicts from R̄, which need not be m. The image that is scored enters nowhere.

    Parameters
    ----------
    models : callable or None
        Decoders of the folds, where they are not affine.
    counts : ndarray of int, shape (counts,)
        From 0 to all cells, rising.

    Returns
    -------
    ndarray, shape (images, counts)
        Per presentation, then averaged over those of an image.
    """
    r = np.empty((responses.images, len(counts)))
    folds = np.unique(reconstruction.fold)
    for done, fold in enumerate(folds):
        progress(done, len(folds), "folds scored with the strongest cells")
        trials = FoldTrials.of(reconstruction, responses, int(fold))
        readout = fold_readout(reconstruction, trials, models)
        below = _Below(reconstruction, responses, int(fold))
        by_trial = [_scored(readout, below, some, counts) for some in _in_parts(readout, counts)]
        r[trials.shown] = trials.average(np.concatenate(by_trial))
    progress(len(folds), len(folds), "folds scored with the strongest cells")
    return r


class _Below:
    """What is expected of cells that respond less than something, in one fold."""

    def __init__(self, reconstruction: Reconstruction, responses: Responses, fold: int) -> None:
        training = reconstruction.fold[responses.image] != fold
        # The transform keeps the order, so sorted responses have sorted transforms.
        self.known = np.sort(np.ascontiguousarray(responses.response[training].T), axis=1)
        self.transform = str(reconstruction.transform[fold])
        self.value = transformed(self.known, self.transform)
        self.mean = np.asarray(reconstruction.mean_response[fold])

    def amplitude(self, bound: np.ndarray) -> np.ndarray:
        """E[R | R ≤ bound] − R̄ of every cell, (…) to (…, cells)."""
        rising, place = np.unique(bound, return_inverse=True)
        means = means_below(self.known, self.value, rising, transformed(rising, self.transform))
        means -= self.mean.astype(np.float32)
        return np.asarray(means[place.reshape(bound.shape)])


def _in_parts(readout: FoldReadout, counts: np.ndarray) -> Iterator[slice]:
    """Presentations, as many at a time as memory is given for."""
    step = max(1, NUMBERS_AT_ONCE // (len(counts) * readout.values))
    yield from (slice(start, start + step) for start in range(0, len(readout.amplitude), step))


def _scored(readout: FoldReadout, below: _Below, some: slice, counts: np.ndarray) -> np.ndarray:
    """R of some presentations at every count, (presentations, counts)."""
    response, amplitude = readout.trials.response[some], readout.amplitude[some]
    order = falling(response)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(order.shape[1])[None], axis=1)
    weakest = np.take_along_axis(response, order[:, counts[1:] - 1], axis=1)
    others = below.amplitude(weakest)
    kept = rank[:, None, :] < counts[1:, None]
    made = readout.decoded(np.where(kept, amplitude[:, None, :], others))
    r = readout.r(made.transpose(1, 0, 2), some).T
    return np.column_stack([np.zeros(len(r)), r])

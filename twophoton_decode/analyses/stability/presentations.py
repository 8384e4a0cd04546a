"""Which presentations are decoded again and again, and by which readouts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from twophoton_decode.analyses.fold import FoldTrials
from twophoton_decode.analyses.readout import FoldReadout, fold_readout
from twophoton_decode.decoding.folds.again import Models
from twophoton_decode.progress import Progress
from twophoton_decode.records import Reconstruction, Responses

# Multiplications for decoding the presentations once, and how many presentations at most.
WORK = 2e9
MOST = 2400
FEWEST = 200


def images_to_perturb(responses: Responses, pixels: int, rng: np.random.Generator) -> np.ndarray:
    """Images with repeats, as many at random as can be decoded hundreds of times.

    All of them where they have 2400 presentations at most and there are about a thousand
    cells or fewer.

    Returns
    -------
    ndarray of bool, shape (images,)
    """
    repeats = responses.repeats_per_image
    limit = max(FEWEST, min(MOST, WORK / (responses.cells * pixels)))
    order = rng.permutation(np.flatnonzero(repeats > 1))
    chosen = np.zeros(responses.images, bool)
    chosen[order[np.cumsum(repeats[order]) <= limit]] = True
    # An image may have more presentations than the limit.
    chosen[order[:1]] = True
    return chosen


def readouts(
    reconstruction: Reconstruction,
    responses: Responses,
    chosen: np.ndarray,
    models: Models | None,
    progress: Progress,
    what: str,
) -> Iterator[FoldReadout]:
    """The readout of each fold that tests a chosen image, one fold in memory at a time."""
    folds = np.unique(reconstruction.fold[chosen])
    for done, fold in enumerate(folds):
        progress(done, len(folds), what)
        trials = FoldTrials.of(reconstruction, responses, int(fold))
        yield fold_readout(reconstruction, _only(trials, chosen), models)
    progress(len(folds), len(folds), what)


def _only(trials: FoldTrials, chosen: np.ndarray) -> FoldTrials:
    """The presentations of the chosen images."""
    kept = chosen[trials.image]
    shown, first = np.unique(trials.image[kept], return_index=True)
    return dataclasses.replace(
        trials,
        index=trials.index[kept],
        image=trials.image[kept],
        response=trials.response[kept],
        responsive=trials.responsive[kept],
        shown=shown,
        edges=np.append(first, kept.sum()),
    )

"""Example images reconstructed from few cells, from the responsive ones, and from all."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from twophoton_decode.analyses.cell_count.order import strongest_first
from twophoton_decode.analyses.examples import example_images
from twophoton_decode.analyses.stability.similarity import correlation
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses

FEW: Final = 20
"""At most so many are few: the landmark of the paper's release."""


def few_cell_pictures(
    curves: CellCountCurves, reconstruction: Reconstruction, responses: Responses
) -> dict[str, Any]:
    """Fields of `FewCellPictures`; the responses are those of the reconstruction.

    Each picture is the mean over trials of the single-trial reconstructions. Few: as many as
    the 95 % count, but at most 20, responsive cells first, strongest first. Images are the same
    for every decoder: `example_images`.
    """
    chosen, ranks = example_images(responses)
    counts = _counts(curves, responses)
    image = responses.image
    cells = np.array([[own[image == i].mean() for i in chosen] for own in counts.values()])
    pictures = np.array(
        [
            [_mean_picture(responses, reconstruction, i, own, curves.omitted) for i in chosen]
            for own in counts.values()
        ]
    )
    m = np.asarray(reconstruction.mean_picture)[reconstruction.fold[chosen]]
    shown = _rows(reconstruction.picture[chosen] - m)
    r = np.array([correlation(shown, _rows(own - m)) for own in pictures])
    return {
        "example_image": chosen,
        "example_rank": ranks,
        "choice_name": np.array(list(counts)),
        "choice_cells": cells,
        "choice_r": r,
        "choice_picture": pictures,
        "choice_mean_cells": cells.mean(axis=1),
        "choice_mean_r": r.mean(axis=1),
        "choice_apart": float(np.abs(r[-1] - reconstruction.r_average[chosen]).max()),
    }


def _counts(curves: CellCountCurves, responses: Responses) -> dict[str, np.ndarray]:
    """How many cells of each presentation are taken, by choice."""
    trials = responses.presentations
    few = np.nanmin([curves.cells_95, FEW, responses.cells])
    counts = {"few cells": np.full(trials, int(few))}
    if responses.responsive_others.any():
        counts["responsive"] = responses.responsive_others.sum(axis=1)
    return counts | {"all cells": np.full(trials, responses.cells)}


def _mean_picture(
    responses: Responses,
    reconstruction: Reconstruction,
    image: int,
    cells: np.ndarray,
    omitted: str,
) -> np.ndarray:
    trials = np.flatnonzero(responses.image == image).tolist()
    # The mean of the trials' pictures is the picture of their mean: one fold's filters are read.
    made = [_deviation(responses, reconstruction, t, int(cells[t]), omitted) for t in trials]
    return _picture(reconstruction, int(reconstruction.fold[image]), np.mean(made, axis=0))


def _deviation(
    responses: Responses,
    reconstruction: Reconstruction,
    presentation: int,
    cells: int,
    omitted: str,
) -> np.ndarray:
    """What each cell's reverse filter is multiplied by, zero or −R̄ for omitted cells.

    Responsive cells come first, the strongest first, then the others, in the order of the
    scored trial.
    """
    fold = int(reconstruction.fold[reconstruction.image[presentation]])
    response = responses.response[presentation]
    responsive = responses.responsive_others[presentation]
    kept = strongest_first(response[None], responsive[None])[0, :cells]
    mean = reconstruction.mean_response[fold]
    deviation = np.zeros_like(mean) if omitted == "mean" else -mean
    deviation[kept] = as_decoded(reconstruction, response[kept], fold) - mean[kept]
    return deviation


def _picture(reconstruction: Reconstruction, fold: int, deviation: np.ndarray) -> np.ndarray:
    m = np.asarray(reconstruction.mean_picture[fold])
    added = deviation @ np.asarray(reconstruction.filters[fold])
    return np.asarray(m + added.reshape(m.shape))


def _rows(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(float)

"""What single cells add to a reconstruction: response × reverse filter, as pictures."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from twophoton_decode.analyses.stability.similarity import correlation
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.records import CellCountCurves, Reconstruction, Responses

STRONGEST: Final = 16
"""As many as the paper shows."""


def cell_contributions(
    curves: CellCountCurves, reconstruction: Reconstruction, responses: Responses
) -> dict[str, Any]:
    """Fields of `CellContributions`: what the 16 strongest cells of one presentation add [paper].

    Strongest are those with the largest response in that presentation, responsive by the
    test or not [ours]. They add a_k w_k = (R_k − R̄_k) w_k to the best reconstructed image, in
    the presentation whose R is the median of that image's.
    """
    image = int(np.nanargmax(curves.r_all))
    fold = int(reconstruction.fold[image])
    trials = np.flatnonzero(responses.image == image)
    m = np.asarray(reconstruction.mean_picture[fold], float)
    shown = reconstruction.picture[image] - m
    every = np.asarray(reconstruction.single[trials], float) - m
    r = correlation(np.broadcast_to(shown.ravel(), (len(trials), m.size)), _rows(every))
    place = int(np.argsort(r, kind="stable")[len(r) // 2])
    trial = int(trials[place])
    response = responses.response[trial]
    cells = np.argsort(-response, kind="stable")[:STRONGEST]
    read = as_decoded(reconstruction, response, fold) - reconstruction.mean_response[fold]
    filters = np.asarray(reconstruction.reverse_filter[fold])[cells].astype(float)
    pictures = (read[cells, None] * filters).reshape(-1, *m.shape)
    whole = every[place].ravel() - every[place].mean()
    few = pictures.sum(axis=0)
    share = _rows(pictures) @ whole / max(whole @ whole, np.finfo(float).tiny)
    return {
        "part_image": image,
        "part_presentation": trial,
        "part_repeats": int(trials.size),
        "part_cell": cells,
        "part_response": response[cells],
        "part_responsive": responses.responsive_others[trial, cells],
        "part_picture": pictures,
        "part_norm": np.sqrt((pictures**2).sum(axis=(1, 2))),
        "part_share": share,
        "part_share_of_all": float(share.sum()),
        "part_sum": few + m,
        "part_sum_r": float(correlation(shown.reshape(1, -1), few.reshape(1, -1))[0]),
        "part_every_r": float(r[place]),
    }


def _rows(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1)

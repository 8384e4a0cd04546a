"""What single cells add to a reconstruction: response × reverse filter, as pictures."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from twophoton_decode.analyses.examples import example_presentation
from twophoton_decode.analyses.stability.similarity import correlation
from twophoton_decode.decoding.fitting.transform import as_decoded
from twophoton_decode.records import Reconstruction, Responses

STRONGEST: Final = 16
"""As many as the paper shows."""


def cell_contributions(reconstruction: Reconstruction, responses: Responses) -> dict[str, Any]:
    """Fields of `CellContributions`: what the 16 strongest cells of one presentation add [paper].

    Strongest are those with the largest response in that presentation, responsive by the
    test or not [ours]. They add a_k w_k = (R_k − R̄_k) w_k. The presentation is the same for
    every decoder: `example_presentation`.
    """
    trial = example_presentation(responses)
    image = int(responses.image[trial])
    fold = int(reconstruction.fold[image])
    m = np.asarray(reconstruction.mean_picture[fold], float)
    shown = reconstruction.picture[image] - m
    every = np.asarray(reconstruction.single[trial], float) - m
    response = responses.response[trial]
    cells = np.argsort(-response, kind="stable")[:STRONGEST]
    read = as_decoded(reconstruction, response, fold) - reconstruction.mean_response[fold]
    filters = np.asarray(reconstruction.filters[fold])[cells].astype(float)
    pictures = (read[cells, None] * filters).reshape(-1, *m.shape)
    whole = every.ravel() - every.mean()
    few = pictures.sum(axis=0)
    share = _rows(pictures) @ whole / max(whole @ whole, np.finfo(float).tiny)
    return {
        "part_image": image,
        "part_presentation": trial,
        "part_repeats": int(responses.repeats_per_image[image]),
        "part_cell": cells,
        "part_response": response[cells],
        "part_responsive": responses.responsive_others[trial, cells],
        "part_picture": pictures,
        "part_norm": np.sqrt((pictures**2).sum(axis=(1, 2))),
        "part_share": share,
        "part_share_of_all": float(share.sum()),
        "part_sum": few + m,
        "part_sum_r": _r(shown, few),
        "part_every_r": _r(shown, every),
    }


def _r(shown: np.ndarray, made: np.ndarray) -> float:
    return float(correlation(shown.reshape(1, -1), made.reshape(1, -1))[0])


def _rows(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1)

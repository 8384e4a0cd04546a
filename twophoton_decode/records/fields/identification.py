"""Which of many candidate images was seen: fields of a reconstruction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twophoton_decode.records.declaration import Record, array


@dataclass(frozen=True, eq=False)
class Identification(Record):
    """Identification of the true image among candidates (docs/methods/scores.md).

    The pool *session* holds the images of the session, *external* the true image and
    pictures that the session never showed. With k candidates, chance is 1/k for top-1; the
    expected rank is 1 + (k - 1)(rank - 1)/(pool_size - 1), and (k + 1)/2 by chance.
    """

    pool_name: np.ndarray = array("pool", dtype=str, doc="where the candidates come from")
    pool_size: np.ndarray = array(
        "pool", "images", dtype=np.int64, doc="candidates that every image has, itself among them"
    )
    candidates: np.ndarray = array(
        "candidate", "images", dtype=np.int64, doc="number of candidates, k"
    )
    top1_single: np.ndarray = array(
        "pool image candidate",
        doc="probability that the true image fits a trial best of k; NaN if the pool is smaller",
    )
    top1_average: np.ndarray = array(
        "pool image candidate", doc="the same for the trial-averaged response"
    )
    top1_single_ci95: np.ndarray = array(
        "pool candidate end", doc="95 % interval of mean top1_single over images: low, high"
    )
    top1_average_ci95: np.ndarray = array(
        "pool candidate end", doc="95 % interval of mean top1_average over images: low, high"
    )
    rank_single: np.ndarray = array(
        "pool image", doc="rank of the true image in the whole pool, 1 best, mean over trials"
    )
    rank_average: np.ndarray = array("pool image", doc="the same for the trial-averaged response")

"""Reconstructions that are finer than the session's pictures, beside what was shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from twophoton_decode.decoding.folds.context import SessionContext
from twophoton_decode.decoding.folds.fold import FoldFit
from twophoton_decode.decoding.scoring.reconstructed import Reconstructed
from twophoton_decode.decoding.scoring.scores import similarity


def finer_pictures(
    made: Reconstructed, fits: Sequence[FoldFit], session: SessionContext, identity: np.ndarray
) -> dict[str, Any]:
    """The record's fields of finer pictures; none where the decoder makes none.

    Parameters
    ----------
    session : SessionContext
        About the different images.
    identity : ndarray of int, shape (images,)
        Number of each image among those.
    """
    first = fits[0].finer
    if first is None:
        return {}
    average = np.empty((len(made.pictures), *first.shape[1:]), np.float32)
    for number, fit in enumerate(fits):
        average[made.fold == number] = fit.finer
    finer = session.finer(first.shape[-1])
    different = np.stack([finer.picture(each).mean(axis=0) for each in range(identity.max() + 1)])
    picture = different[identity]
    return {
        "finer_picture": picture,
        "finer_average": average,
        "finer_ssim": similarity(picture, average, 1.0),
    }

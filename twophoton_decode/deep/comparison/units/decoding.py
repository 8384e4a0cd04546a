"""One session's part in the comparison: its spaces decoded from its cells, and from contrast."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from twophoton_decode.decoding.folds.crossvalidation import ImageFolds
from twophoton_decode.deep.comparison.decoding.decoded_layers import Population, decode_layers
from twophoton_decode.deep.comparison.decoding.spaces import Space
from twophoton_decode.deep.comparison.units.contrast import contrast_mouse
from twophoton_decode.deep.comparison.units.session_pair import DecodedSession
from twophoton_decode.progress import Progress, silent


def decoded_session(
    name: str,
    mouse: str,
    average: np.ndarray,
    pictures: np.ndarray,
    spaces: Sequence[Space],
    folds: ImageFolds,
    *,
    repeats: float,
    seed: Sequence[int],
    progress: Progress = silent,
) -> DecodedSession:
    """Decode every space from a session, and from a mouse like it that sees contrast alone.

    Parameters
    ----------
    average : ndarray, shape (images, cells)
        Mean responses.
    pictures : ndarray, shape (images, y, x)
        At working size.
    folds : ImageFolds
        From `decoding_folds`; their contents are those of this session alone.
    repeats : float
        Presentations of a picture, which the simulated mouse is given too.
    seed : sequence of int
        Of that mouse; another one for every session.
    """
    layers = {each.key: each.features for each in spaces}
    rng = np.random.default_rng(seed)
    contrast = contrast_mouse(pictures, average.shape[1], repeats, rng)
    own, anchor = (
        decode_layers(Population(each), layers, folds.fold, folds.content, progress)
        for each in (average, contrast)
    )
    return DecodedSession(name, mouse, folds.content, folds.fold, own, anchor)

"""The mean of a cross-validated score over images: its interval, and its test against zero.

Image i trains the decoder that reconstructs j, and j the one that reconstructs i. Scores of
different images are therefore not independent, and their mean varies up to twice as much as
the spread over images tells. What leaving out one training image does to the scores of the
others (`deletion`) says by how much.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from twophoton_decode.statistics.by_image import sums_by_image
from twophoton_decode.statistics.image_mean import (
    SHARED_TRAINING,
    ImageMean,
    image_mean,
    image_means,
    one_of,
)

KEPT, ADDED, MOST = 1.25, 0.75, 1.6
"""V = KEPT · N + ADDED · clip(e, 0, MOST · N): e shrunk by a quarter towards V = 2 N."""


def mean_score(
    scores: np.ndarray,
    deletion: np.ndarray | None = None,
    content: np.ndarray | None = None,
    *,
    apart: bool = False,
) -> ImageMean:
    """Mean of scores that a cross-validation over images gave, with interval and test [ours].

    What is estimated is the expected score, for a new picture of the same kind, of decoders
    trained on so many pictures, from these cells. With g the scores minus their mean, h_j the
    centred sum over i of the deletion effects D_ij, and D̃ the effects without their row and
    column means:

    - N = Σ g² / (n (n − 1)), the variance of a mean of independent scores;
    - x = 2 Σ g h / (n (n − 1)) − Σ D̃_ij D̃_ji / n², what images do by training each other;
    - y = Σ h² / (n (n − 1)) − Σ D̃² / n², how far images differ as training images;
    - V = 1.25 N + 0.75 clip(x + max(y, 0) / 2, 0, 1.6 N), or 2 N without D.

    The interval is mean ± t √V, with (n − 1) / 2 degrees of freedom: half of them pay for the
    noise of V. Without D all n − 1 are left. The difference of two decoders is tested by the
    difference of their scores and of their deletion effects. After the dyadic-robust variance
    and the Efron-Stein-corrected jackknife; constants were chosen in simulations.

    Parameters
    ----------
    scores : ndarray, shape (images,)
        NaN are left out.
    deletion : ndarray, shape (images, images), optional
        Score of image i minus its score where image j (and what shows the same) was not
        trained on. NaN where j did not train i's decoder anyway.
    content : ndarray of int, shape (images,), optional
        Images with equal numbers show the same; all differ by default.
    apart : bool
        No image trains the decoder of another one, as with a test set of its own: V is N, and
        what is estimated is the expected score of this one decoder for a new picture.

    Returns
    -------
    ImageMean
    """
    if apart:
        return image_mean(scores, content)
    if deletion is None:
        return image_mean(scores, content, widening=SHARED_TRAINING, estimated=False)
    scores = np.asarray(scores, float)
    known = np.isfinite(scores)
    if not known.any():
        return image_mean(scores, content, widening=SHARED_TRAINING)
    group = np.arange(len(scores)) if content is None else np.asarray(content)
    _, first, group = np.unique(group[known], return_index=True, return_inverse=True)
    scores, effect = scores[known], np.asarray(deletion, float)[np.ix_(known, known)]
    means = image_means(scores, group)
    widening = SHARED_TRAINING
    if float(means.error) > 0:
        g = np.bincount(group, scores - means.mean)
        more = means.units / (means.units - 1)
        # Leaving out an image leaves out all of its group, so that any of it gives the column.
        between = sums_by_image(effect[:, first], group)
        shared = _shared_variance(g, between, len(scores), more)
        ratio = KEPT + ADDED * float(np.clip(shared / float(means.error) ** 2, 0, MOST))
        widening = float(np.sqrt(ratio))
    freedom = (means.units - 1) / 2
    return one_of(replace(means, error=widening * means.error, freedom=freedom), widening)


def _shared_variance(g: np.ndarray, effect: np.ndarray, n: int, more: float) -> float:
    """x + max(y, 0) / 2 of `mean_score`, over groups of images that show the same."""
    trains = np.isfinite(effect)
    effect = np.where(trains, effect, 0.0)
    h = effect.sum(axis=0)
    h = h - h.mean()
    own = _without_means(effect, trains)
    x = 2 * more * float(g @ h) / n**2 - float((own * own.T).sum()) / n**2
    y = more * float(h @ h) / n**2 - float((own**2).sum()) / n**2
    return x + max(y, 0.0) / 2


def _without_means(effect: np.ndarray, trains: np.ndarray) -> np.ndarray:
    """Effects minus their column means, then minus row means, over the pairs that exist."""
    for axis in (0, 1):
        count = np.maximum(trains.sum(axis=axis, keepdims=True), 1)
        effect = effect - trains * (effect.sum(axis=axis, keepdims=True) / count)
    return effect

"""Is a layer decoded better than its controls, and does that differ between populations?"""

from __future__ import annotations

import numpy as np

from twophoton_decode.statistics.bootstrap import PairedDifference, paired_bootstrap
from twophoton_decode.statistics.image_mean import SHARED_TRAINING


def layer_difference(
    score: np.ndarray,
    control: np.ndarray,
    content: np.ndarray,
    bootstraps: int,
    rng: np.random.Generator,
) -> PairedDifference:
    """A layer's score minus that of a control, from the same responses to the same images.

    A paired bootstrap over images. As images train each other's decoders, its interval is
    widened as that of every cross-validated score here (`SHARED_TRAINING`) [ours]. Of a control
    with several draws of weights the mean over draws is taken; interval and p are then for new
    images and new draws (`paired_bootstrap`).

    Parameters
    ----------
    score : ndarray, shape (images,)
    control : ndarray, shape (images,) or (images, draws)
    content : ndarray of int, shape (images,)
    """
    return _mean_difference(score[:, None] - _columns(control), content, bootstraps, rng)


def difference_of_differences(
    gains: tuple[np.ndarray, np.ndarray],
    content: np.ndarray,
    bootstraps: int,
    rng: np.random.Generator,
) -> PairedDifference:
    """What a trained layer gains over its random twin in one population, minus in another.

    Random features are smoother than trained ones and so easier to decode, whichever cells
    they are decoded from. That cancels here, and how many cells there are does so in part.

    Parameters
    ----------
    gains : (ndarray, ndarray), shapes (images,) or (images, draws)
        Trained minus random of the population of interest, and of the one it is compared with,
        for each draw of random weights.
    """
    own, other = map(_columns, gains)
    return _mean_difference(own - other, content, bootstraps, rng)


def _columns(values: np.ndarray) -> np.ndarray:
    return values.reshape(len(values), -1)


def _mean_difference(
    difference: np.ndarray, content: np.ndarray, bootstraps: int, rng: np.random.Generator
) -> PairedDifference:
    """The mean of (images, draws), for new images and new draws."""
    known = np.isfinite(difference).all(axis=1)
    return paired_bootstrap(
        difference[known].mean(axis=1), content[known], bootstraps, rng,
        widening=SHARED_TRAINING, draws=difference[known].mean(axis=0),
    )  # fmt: skip

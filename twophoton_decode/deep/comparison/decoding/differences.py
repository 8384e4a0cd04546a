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
    widened as that of every cross-validated score here (`SHARED_TRAINING`) [ours].

    Parameters
    ----------
    score, control : ndarray, shape (images,)
    content : ndarray of int, shape (images,)
    """
    return paired_bootstrap(score - control, content, bootstraps, rng, widening=SHARED_TRAINING)


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
    gains : (ndarray, ndarray), shapes (images,)
        Trained minus random of the population of interest, and of the one it is compared with.
    """
    return layer_difference(*gains, content, bootstraps, rng)

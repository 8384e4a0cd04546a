"""A choice made for each image by the others, and whether it gains anything."""

from __future__ import annotations

import numpy as np

from twophoton_decode.statistics.by_image import sums_by_image

NUMBERS_AT_ONCE = 2**22


def chosen_by_others(curves: np.ndarray, content: np.ndarray) -> np.ndarray:
    """For each image, the place where the sum of the other images' curves is largest.

    Parameters
    ----------
    curves : ndarray, shape (images, places)
    content : ndarray of int, shape (images,)
        Images with equal numbers show the same, and do not choose for each other.

    Returns
    -------
    ndarray of int, shape (images,)
        The first of equals.
    """
    group = np.unique(content, return_inverse=True)[1]
    own = sums_by_image(curves, group)
    return np.asarray((curves.sum(axis=0) - own).argmax(axis=1)[group])


def heldout_choice_p(
    gain: np.ndarray, content: np.ndarray, flips: int, rng: np.random.Generator
) -> float:
    """Two-sided p of the mean gain where each image's choice is made by the others [ours].

    Choices of all images are made on nearly the same data, so that gains at them are no
    independent sample: a signed-rank test calls 18 to 29 % of null data significant. Here
    the sign of each image's whole curve is exchanged at random, choices are made anew, and
    the mean gain is compared with those, which is exact where curves are symmetric about
    zero under the null.

    Parameters
    ----------
    gain : ndarray, shape (images, places)
        What each image gains at each place.
    flips : int
        Exchanges of signs; images of equal content change together.

    Returns
    -------
    float
        (1 + exchanges at least as far from zero) / (1 + exchanges); NaN where no place
        differs.
    """
    gain = np.asarray(gain, float)
    if not gain.any():
        return float("nan")
    group = np.unique(content, return_inverse=True)[1]
    own = sums_by_image(gain, group)
    found = abs(_mean_gain(own, np.ones((1, len(own))))[0])
    at_once = max(1, NUMBERS_AT_ONCE // own.size)
    far = 0
    for start in range(0, flips, at_once):
        sign = rng.choice((-1.0, 1.0), size=(min(at_once, flips - start), len(own)))
        # Rounding must not bring an equal exchange nearer.
        far += int(np.count_nonzero(np.abs(_mean_gain(own, sign)) >= found * (1 - 1e-9)))
    return float((1 + far) / (1 + flips))


def _mean_gain(own: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """Sum over groups of the gain at the place that the others choose, (flips,).

    Parameters
    ----------
    own : ndarray, shape (groups, places)
    sign : ndarray, shape (flips, groups)
    """
    others = (sign @ own)[:, None, :] - sign[:, :, None] * own
    place = others.argmax(axis=2)
    return np.asarray((sign * own[np.arange(len(own)), place]).sum(axis=1))

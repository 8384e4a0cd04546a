"""Judging each presentation's image without that presentation, in as many refits as repeats."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from twophoton_decode.statistics.image_groups import ImageGroups


def without_own_repeat(
    test: Callable[[np.ndarray, ImageGroups], np.ndarray], ordered: np.ndarray, groups: ImageGroups
) -> np.ndarray:
    """p of each presentation's image without it, shape (ordered presentation, cell) [ours].

    The r-th repeats of all images are left out together and `test` is made anew, so that the
    presentation enters nothing: not its image's repeats, nor what they are compared with.
    Taking only the presentation itself off its image's sum leaks: the scored trials of falsely
    chosen pairs then lie 0.6 to 1.5 SD above zero.

    Parameters
    ----------
    test : callable
        From ordered responses and their groups to p, (group, cell).
    ordered : ndarray, shape (presentation, cell)
        Responses ordered by image.
    """
    p = np.full(ordered.shape, np.nan)
    place = np.arange(len(ordered)) - groups.start[groups.of_row]
    repeated = groups.count[groups.of_row] > 1
    for repeat in range(int(groups.count.max())):
        out = (place == repeat) & repeated
        rest = ImageGroups.of(groups.of_row[~out])
        p[out] = test(ordered[~out], rest)[groups.of_row[out]]
    return p

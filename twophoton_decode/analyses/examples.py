"""Which images and presentations figures show: chosen by the responses alone.

So every decoder is shown with the same pictures and cells, in the same order, and they can be
compared by eye.
"""

from __future__ import annotations

import numpy as np

from twophoton_decode.analyses.stability.similarity import correlation
from twophoton_decode.records import Responses
from twophoton_decode.statistics.ranks import spread_over_scores


def example_images(responses: Responses) -> tuple[np.ndarray, np.ndarray]:
    """Images at evenly spaced ranks from most to fewest responsive cells, and the ranks from 0."""
    return spread_over_scores(responsive_cells(responses))


def example_presentation(responses: Responses) -> int:
    """A typical presentation of the image with the most responsive cells.

    Typical: the population's response correlates with the mean response to the image as in the
    median presentation.
    """
    image = int(np.argmax(responsive_cells(responses)))
    trials = np.flatnonzero(responses.image == image)
    own = responses.response[trials]
    r = correlation(own, own.mean(axis=0, keepdims=True))
    return int(trials[np.argsort(r, kind="stable")[len(r) // 2]])


def responsive_cells(responses: Responses) -> np.ndarray:
    """Responsive cells of each image, mean over trials judged without the trial, (image,)."""
    total = np.zeros(responses.images)
    np.add.at(total, responses.image, responses.responsive_others.sum(axis=1))
    return total / np.maximum(responses.repeats_per_image, 1)

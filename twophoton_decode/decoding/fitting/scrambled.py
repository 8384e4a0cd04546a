"""Responses that no decoder was fitted to, made of training responses alone."""

from __future__ import annotations

import numpy as np

from twophoton_decode.decoding.fitting.training import TrainingResponses

SEED = 99
"""Of the presentations that are put together."""


def scrambled(training: TrainingResponses, trials: int = 1) -> np.ndarray:
    """Each cell's response taken from another presentation, cell by cell [ours].

    Every cell keeps its responses, each once, and so its mean: an affine decoder predicts on
    average what it predicts of the responses themselves. One that remembers them meets hardly
    any of them here, unless there are very few cells.

    Parameters
    ----------
    trials : int
        Means over so many trials of an image are put together; over all of them, some twice,
        where it was shown less often.

    Returns
    -------
    ndarray, shape (presentations, cells)
    """
    rows = training.responses if trials == 1 else _means(training, trials)
    presentations, cells = rows.shape
    shift = np.random.default_rng([SEED, trials]).integers(presentations, size=cells)
    taken = (np.arange(presentations)[:, None] + shift) % presentations
    return np.take_along_axis(rows, taken, axis=0)


def _means(training: TrainingResponses, trials: int) -> np.ndarray:
    """From each presentation on, the mean over so many of its image, from the last to the first.

    So every presentation enters equally often.
    """
    order = np.argsort(training.target, kind="stable")
    repeats = np.repeat(training.repeats, training.repeats)
    first = np.repeat(np.cumsum(training.repeats) - training.repeats, training.repeats)
    place = np.arange(len(order)) - first
    total = np.zeros_like(training.responses)
    for later in range(trials):
        total += training.responses[order[first + (place + later) % repeats]]
    return total / trials

"""Examples that span a range: items at evenly spaced ranks."""

from __future__ import annotations

from typing import Final

import numpy as np

COLUMNS: Final = 9
"""Odd, so that the middle one is the median."""


def spread_over_scores(scores: np.ndarray, columns: int = COLUMNS) -> tuple[np.ndarray, np.ndarray]:
    """Images at evenly spaced ranks from best to worst, and those ranks, counted from 0.

    Images without a score have no rank, unless no image has a score.

    Parameters
    ----------
    scores : ndarray, shape (image,)
    columns : int
        At most so many are chosen.
    """
    scored = np.flatnonzero(np.isfinite(scores))
    scored = scored if scored.size else np.arange(len(scores))
    order = scored[np.argsort(-scores[scored], kind="stable")]
    ranks = np.unique(np.linspace(0, order.size - 1, min(columns, order.size)).round())
    return order[ranks.astype(int)], ranks.astype(int)

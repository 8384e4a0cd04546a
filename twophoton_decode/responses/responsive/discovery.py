"""False discoveries: the p below which Benjamini-Hochberg calls a discovery."""

from __future__ import annotations

import numpy as np


def discovery_cut(p: np.ndarray, rate: float) -> float:
    """The p below which Benjamini-Hochberg calls a discovery; -1 where nothing is [field].

    rate · k / m, with m defined p of which the k smallest pass: k is the largest rank whose
    p is at most rate · k / m.
    """
    ranked = np.sort(p[np.isfinite(p)])
    limit = rate * np.arange(1, ranked.size + 1) / max(ranked.size, 1)
    passing = np.flatnonzero(ranked <= limit)
    return float(limit[passing[-1]]) if passing.size else -1.0

"""The mean over images of shares, such as how often the image seen is found."""

from __future__ import annotations

import numpy as np
from scipy import stats

from twophoton_decode.statistics.mean_score import mean_score


def share_interval(
    share: np.ndarray, content: np.ndarray | None = None, confidence: float = 0.95
) -> tuple[float, float]:
    """Wilson's interval of a mean share over images that train each other's decoders [ours].

    mean ± t · error is empty where no image was found, and too narrow where few were. Wilson's
    interval [field, Wilson 1927] of m trials is not; m = p (1 − p) / V with V = 2 N as in
    `mean_score`, at least the (units − 1) / 2 of shares that are 0 or 1.

    Parameters
    ----------
    share : ndarray, shape (images,)
        From 0 to 1; NaN are left out.
    content : ndarray of int, shape (images,), optional
        Images with equal numbers show the same; all differ by default.

    Returns
    -------
    low, high : float
        NaN for fewer than two different images.
    """
    found = mean_score(share, None, content)
    if found.units < 2:
        return float("nan"), float("nan")
    p, m = found.mean, (found.units - 1) / 2
    if found.error > 0:
        m = max(m, p * (1 - p) / found.error**2)
    t = float(stats.t.ppf(0.5 + confidence / 2, found.units - 1))
    shrink = 1 + t**2 / m
    middle = (p + t**2 / (2 * m)) / shrink
    reach = t / shrink * float(np.sqrt(p * (1 - p) / m + t**2 / (4 * m**2)))
    return max(0.0, middle - reach), min(1.0, middle + reach)

"""Do more units prefer one thing than the other? The exact sign test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats


class SignTest(NamedTuple):
    """Units that prefer it, all that prefer either, and the two-sided p [field].

    Units without a preference count in neither. p is exact, by the binomial distribution with one
    half; NaN without any unit.
    """

    prefer: int
    units: int
    p: float


def sign_test(share: np.ndarray) -> SignTest:
    """Test shares (units,) against one half; NaN are left out."""
    known = np.asarray(share, float)[np.isfinite(share)]
    prefer, units = int(np.count_nonzero(known > 0.5)), int(np.count_nonzero(known != 0.5))
    p = float(stats.binomtest(prefer, units).pvalue) if units else float("nan")
    return SignTest(prefer, units, p)

"""Values of any magnitude, brought to where squares and single precision are safe."""

from __future__ import annotations

import numpy as np

SAFE = (1e-6, 1e6)
"""Where every computation is relative and neither overflows nor underflows [ours]."""
LARGEST = 1e18
"""Beyond this, after scaling, squares of single values would overflow single precision."""


def safe_exponent(largest: np.ndarray, safe: tuple[float, float] = SAFE) -> int:
    """The power of ten by which values are divided; 0 where their size is safe already.

    Parameters
    ----------
    largest : ndarray
        Largest absolute value of each cell, or of each picture. Their median decides, so
        that one that is out of proportion does not; zeros and NaN do not count.
    safe : (smallest, largest)
    """
    known = largest[np.isfinite(largest) & (largest > 0)]
    if not known.size:
        return 0
    typical = float(np.median(known))
    if safe[0] <= typical <= safe[1]:
        return 0
    # Below 1e-300, 1 / 10^exponent would overflow.
    return max(int(np.floor(np.log10(typical))), -300)


def divided(values: np.ndarray, exponent: int) -> np.ndarray:
    """`values` divided by 10 to the `exponent`."""
    return values if exponent == 0 else values / 10.0**exponent

"""Where a colour scale begins and ends: percentiles of what is shown, no result."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import PowerNorm


def colour_limits(values: np.ndarray, low: float, high: float) -> tuple[float, float]:
    """Two percentiles of the values that are numbers; 0 and 1 if there are none."""
    known = values[np.isfinite(values)]
    if not known.size:
        return 0.0, 1.0
    bottom, top = np.percentile(known, [low, high])
    return float(bottom), float(top)


def square_root_scale(image: np.ndarray) -> PowerNorm:
    """A scale of grey levels on which dim cells show beside bright ones."""
    low, high = colour_limits(image, 1, 99.5)
    return PowerNorm(0.5, vmin=low, vmax=max(high, low + 1e-6), clip=True)

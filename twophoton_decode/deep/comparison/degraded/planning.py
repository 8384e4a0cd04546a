"""How many pictures would show that familiar ones are seen as more than they show?"""

from __future__ import annotations

import numpy as np
from scipy import stats

STRENGTHS = (0.1, 0.2, 0.3, 0.5)
"""How far responses to familiar degraded pictures are moved towards those to the originals."""
POWER = 0.8
LEVEL = 0.05
NOISE_DRAWS = 4


def moved_responses(degraded: np.ndarray, to_original: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Measured responses, each moved by a share towards what models predict for the original.

    (1 − a) R + a R̂ + √(1 − (1 − a)²) noise for a share a: as noisy as what was measured [ours].

    Parameters
    ----------
    degraded : ndarray, shape (degraded, cells)
        Measured.
    to_original : ndarray, shape (degraded, cells)
        Predicted for the originals.
    noise : ndarray, shape (draws, degraded, cells)
        From `left_over`.

    Returns
    -------
    ndarray, shape (strengths × draws, degraded, cells)
        Of each of `STRENGTHS` with each draw.
    """
    return np.concatenate(
        [
            (1 - a) * degraded + a * to_original + np.sqrt(1 - (1 - a) ** 2) * noise
            for a in STRENGTHS
        ]
    )


def pictures_needed(unmoved: np.ndarray, moved: np.ndarray, tests: int = 1) -> tuple[float, float]:
    """Mean shift, and pictures in each of two equal groups that show it with 80 % power.

    n = (z_{1 − level / 2 tests} + z_power)² (s₀² + s₁²) / shift² [field], s² the variances over
    pictures, at least ten; NaN where the shift is not above zero.

    Parameters
    ----------
    unmoved, moved : ndarray, shape (pictures,)
        Δ of the same pictures, NaN left out.
    tests : int
        Layers that are tested together.
    """
    known = np.isfinite(unmoved) & np.isfinite(moved)
    if np.count_nonzero(known) < 2:
        return float("nan"), float("nan")
    shift = float((moved - unmoved)[known].mean())
    if not shift > 0:
        return shift, float("nan")
    z = stats.norm.ppf(1 - LEVEL / (2 * tests)) + stats.norm.ppf(POWER)
    variance = unmoved[known].var(ddof=1) + moved[known].var(ddof=1)
    return shift, float(max(10.0, np.ceil(z**2 * variance / shift**2)))

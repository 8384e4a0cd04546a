"""The grey level without light: where zero fluorescence lies."""

from __future__ import annotations

import numpy as np

DARKEST_PERCENT = 1.0
_WRONG_FROM = 0.05
"""Share of the usual brightness by which the zero of F0 is noticed to be too high."""


def estimated_dark_level(mean_image: np.ndarray) -> float:
    """Grey level that 1 % of the pixels of a mean image are below; NaN without finite ones [ours].

    Nothing is darker than no light, so this is the level itself where some pixels see none,
    such as in vessels or beside the tissue, and too high where none do.

    Parameters
    ----------
    mean_image : ndarray, any shape
        Of one or several planes, in grey levels.
    """
    finite = mean_image[np.isfinite(mean_image)]
    return float(np.percentile(finite, DARKEST_PERCENT)) if finite.size else float("nan")


def dark_level_advice(mean_image: np.ndarray, subtracted: float = 0.0) -> str:
    """What to set `dark_level` to, in words, where the darkest pixels lie below zero.

    Empty where they lie above it, or below by less than 5 % of the usual brightness.

    Parameters
    ----------
    mean_image : ndarray, any shape
        In grey levels, after `subtracted` was taken off.
    subtracted : float
        The dark level that was set already.
    """
    lowest = estimated_dark_level(mean_image)
    if not lowest < 0 or -lowest <= _WRONG_FROM * (float(np.nanmedian(mean_image)) - lowest):
        return ""
    return (
        f"the darkest pixels of the mean image have {lowest + subtracted:.4g} grey levels, lower "
        f"than the {subtracted:g} that F0 is counted from. If they see no light, set dark_level = "
        f"{lowest + subtracted:.4g} in [recording] (an estimate, by the darkest "
        f"{DARKEST_PERCENT:g} % of pixels)"
    )

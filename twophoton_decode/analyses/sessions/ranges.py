"""What values a measure can have, so that no interval claims more.

An interval mean ± t · error, or a widened bootstrap, knows nothing of the range of what it is of.
The true mean lies in that range, so the part of an interval inside it holds the truth as often as
all of it.
"""

from __future__ import annotations

import math
from typing import Final

Range = tuple[float, float]

_ANY: Final[Range] = (-math.inf, math.inf)
_CORRELATION: Final[Range] = (-1.0, 1.0)
_SHARE: Final[Range] = (0.0, 1.0)
_AT_MOST_1: Final[Range] = (-math.inf, 1.0)
_POSITIVE: Final[Range] = (0.0, math.inf)

_RANGES: Final[dict[str, Range]] = {
    **dict.fromkeys(
        ("r", "r_average", "r_single", "r_low", "r_raw", "chance_r", "feature_ceiling_r", "ssim"),
        _CORRELATION,
    ),
    # A difference of two R.
    "max_gain": (-2.0, 2.0),
    **dict.fromkeys(("cd_average", "cd_single", "cd_paper"), _AT_MOST_1),
    **dict.fromkeys(("two_way_average", "two_way_single", "p_value"), _SHARE),
    "population_sparseness": _SHARE,
    "percent_responsive": (0.0, 100.0),
    "cells": (1.0, math.inf),
    **dict.fromkeys(
        (
            "reconstruction_similarity", "response_similarity",
            "reconstruction_similarity_other", "response_similarity_other",
        ),
        _CORRELATION,
    ),
    **dict.fromkeys(("reconstruction_variability", "response_variability"), _POSITIVE),
}  # fmt: skip


def possible_range(measure: str, condition: str = "") -> Range:
    """Lowest and highest value that a measure can have, in its unit.

    ``r_infinite_trials`` divides by a reliability that is estimated, and has no bounds.
    """
    # All other counts are of the fewest cells that suffice; none may be shown to carry a picture.
    if (measure, condition) == ("cells", "informative"):
        return _POSITIVE
    return _RANGES.get(measure, _ANY)


def range_of_difference(first: Range, second: Range) -> Range:
    """The range of first minus second."""
    return first[0] - second[1], first[1] - second[0]


def within(ends: tuple[float, float], possible: Range) -> tuple[float, float]:
    """The part of an interval inside the range; NaN stays."""
    low, high = (min(max(end, possible[0]), possible[1]) for end in ends)
    return low, high
